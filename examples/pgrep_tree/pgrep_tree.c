/* SPDX-License-Identifier: MIT */
/*
 * pgrep_tree - looks for a word in all files of a directory tree, in parallel
 *
 * usage: pgrep_tree [word [directory]]
 *        ("mutex" in the directory of the program when nothing is said)
 *
 * A queue holds the names of files and directories that nobody has looked at
 * yet.  Each thread takes a name, reads the file, or puts what it finds in
 * the directory into the queue.  The end is when the queue is empty and no
 * thread is busy, since a busy thread may still find a directory; so the
 * queue counts the names that are not done, and who makes it 0 wakes the
 * others.
 *
 * Reading blocks the LWP, so the program asks for as many LWPs as it has
 * threads.  The result of each thread is in thread-specific data: the
 * function that counts need not know who called it.  The destructor of the
 * key adds it to the sum when the thread ends.
 *
 * A second pass with one thread has to find the same.
 *
 * Calls: thr_setconcurrency thr_create thr_join thr_self thr_keycreate
 *        thr_setspecific thr_getspecific mutex_lock mutex_unlock cond_wait
 *        cond_signal cond_broadcast gethrtime
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>
#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/types.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <thread.h>
#include <synch.h>

#define NTHREADS	8

typedef struct name {
	struct name	*next;
	char		path[1];	/* longer in fact */
} name_t;

typedef struct {
	long	dirs, files, lines;	/* lines that have the word */
} count_t;

char		*word = "mutex";
thread_key_t	count_key;

mutex_t		queue_lock = DEFAULTMUTEX;
cond_t		queue_change = DEFAULTCV;
name_t		*queue = NULL;
int		not_done = 0;		/* queued or in work */

mutex_t		sum_lock = DEFAULTMUTEX;
count_t		sum;

void
fatal(what, err)
	char	*what;
	int	err;
{
	fprintf(stderr, "pgrep_tree: %s: %s\n", what, strerror(err));
	exit(1);
}

void *
allocate(n)
	size_t	n;
{
	void	*p = malloc(n);

	if (p == NULL)
		fatal("malloc", ENOMEM);
	return (p);
}

void
enqueue(dir, file)
	char	*dir, *file;
{
	name_t	*np = (name_t *)allocate(sizeof (name_t) + strlen(dir) +
		    strlen(file) + 1);

	sprintf(np->path, *file ? "%s/%s" : "%s%s", dir, file);
	mutex_lock(&queue_lock);
	np->next = queue;
	queue = np;
	not_done++;
	cond_signal(&queue_change);
	mutex_unlock(&queue_lock);
}

/* NULL when everything has been done. */
name_t *
dequeue()
{
	name_t	*np;

	mutex_lock(&queue_lock);
	while (queue == NULL && not_done > 0)
		cond_wait(&queue_change, &queue_lock);
	np = queue;
	if (np != NULL)
		queue = np->next;
	mutex_unlock(&queue_lock);
	return (np);
}

void
finished(np)
	name_t	*np;
{
	mutex_lock(&queue_lock);
	if (--not_done == 0)
		cond_broadcast(&queue_change);
	mutex_unlock(&queue_lock);
	free(np);
}

/* A DIR of its own for each call, so readdir() will do. */
void
do_directory(path)
	char	*path;
{
	DIR		*dp = opendir(path);
	struct dirent	*ep;

	if (dp == NULL)
		return;			/* not ours to read */
	while ((ep = readdir(dp)) != NULL)
		if (strcmp(ep->d_name, ".") && strcmp(ep->d_name, ".."))
			enqueue(path, ep->d_name);
	closedir(dp);
}

long
lines_with_word(text, size)
	char	*text;
	long	size;
{
	long	lines = 0, len = strlen(word);
	char	*p = text, *end = text + size, *eol;
	int	found;

	for (; p < end; p = eol + 1) {
		eol = (char *)memchr(p, '\n', end - p);
		if (eol == NULL)
			eol = end;
		for (found = 0; !found && eol - p >= len; p++)
			found = *p == *word && memcmp(p, word, len) == 0;
		lines += found;
	}
	return (lines);
}

long
do_file(path, size)
	char	*path;
	long	size;
{
	char	*text;
	long	n, got = 0, lines;
	int	fd = open(path, O_RDONLY);

	if (fd == -1)
		return (0);
	text = (char *)allocate(size + 1);
	while (got < size && (n = read(fd, text + got, size - got)) > 0)
		got += n;
	close(fd);
	lines = lines_with_word(text, got);
	free(text);
	return (lines);
}

void
do_name(path)
	char	*path;
{
	count_t		*cp;
	struct stat	st;

	thr_getspecific(count_key, (void **)&cp);
	if (lstat(path, &st) == -1)
		return;
	if (S_ISDIR(st.st_mode)) {
		cp->dirs++;
		do_directory(path);
	} else if (S_ISREG(st.st_mode)) {
		cp->files++;
		cp->lines += do_file(path, (long)st.st_size);
	}
}

/* The key's destructor. */
void
add_to_sum(value)
	void	*value;
{
	count_t	*cp = (count_t *)value;

	mutex_lock(&sum_lock);
	sum.dirs += cp->dirs;
	sum.files += cp->files;
	sum.lines += cp->lines;
	mutex_unlock(&sum_lock);
	free(cp);
}

void *
searcher(arg)
	void	*arg;
{
	name_t	*np;
	count_t	*cp = (count_t *)allocate(sizeof (count_t));

	memset(cp, 0, sizeof (count_t));
	thr_setspecific(count_key, cp);
	while ((np = dequeue()) != NULL) {
		do_name(np->path);
		finished(np);
	}
	return (NULL);
}

count_t
search(root, nthreads)
	char	*root;
	int	nthreads;
{
	int		i, err;
	hrtime_t	start = gethrtime();

	memset(&sum, 0, sizeof (sum));
	enqueue(root, "");
	for (i = 0; i < nthreads; i++) {
		err = thr_create(NULL, NULL, searcher, NULL, NULL, NULL);
		if (err != 0)
			fatal("thr_create", err);
	}
	for (i = 0; thr_join(NULL, NULL, NULL) == 0; i++)
		;
	if (i != nthreads) {
		fprintf(stderr, "pgrep_tree: joined %d of %d threads\n", i,
		    nthreads);
		exit(1);
	}
	printf("%d thread%s: %ld directories, %ld files, %ld lines with"
	    " \"%s\", %.1f ms\n", nthreads, nthreads == 1 ? "" : "s",
	    sum.dirs, sum.files, sum.lines, word,
	    (gethrtime() - start) / 1e6);
	return (sum);
}

int
main(argc, argv)
	int	argc;
	char	**argv;
{
	char		*root, *slash;
	struct stat	st;
	count_t		many, one;

	if (argc > 3 || (argc > 1 && *argv[1] == '\0')) {
		fprintf(stderr, "usage: pgrep_tree [word [directory]]\n");
		exit(1);
	}
	if (argc > 1)
		word = argv[1];
	if (argc > 2) {
		root = argv[2];
	} else if ((slash = strrchr(argv[0], '/')) != NULL) {
		root = argv[0];
		*slash = '\0';
	} else {
		root = ".";
	}
	if (stat(root, &st) == -1)
		fatal(root, errno);

	thr_keycreate(&count_key, add_to_sum);
	thr_setconcurrency(NTHREADS);
	many = search(root, NTHREADS);
	one = search(root, 1);
	if (many.dirs != one.dirs || many.files != one.files ||
	    many.lines != one.lines) {
		fprintf(stderr, "pgrep_tree: thread %d: the passes differ\n",
		    thr_self());
		exit(1);
	}
	/* The word is in the program itself. */
	if (argc == 1 && one.lines == 0) {
		fprintf(stderr, "pgrep_tree: nothing found in %s\n", root);
		exit(1);
	}
	printf("pgrep_tree: ok\n");
	exit(0);
}
