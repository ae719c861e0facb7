/* SPDX-License-Identifier: MIT */
/*
 * interpreter_lock - a byte-code interpreter whose threads take turns.
 *
 * One lock protects all of the interpreter.  A thread gives it up after some
 * instructions, and whenever it has to wait.  The language has locks too, and
 * here as there a lock is a mutex_t that is used as a binary semaphore: who
 * releases it need not be who took it.  Main waits for a thread of the
 * language by taking a lock that the thread releases at its end.
 *
 * Thread ids are small numbers, so the thread states are an array that is
 * indexed by them.
 *
 * Shows: mutex_lock, mutex_trylock and mutex_unlock from different threads,
 * zero-filled mutexes, thr_self as an index, thr_setconcurrency,
 * thr_keycreate with a destructor, thr_getspecific, THR_DETACHED, thr_main.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thread.h>
#include <synch.h>

#define MAXTHREADS	32
#define CHECKINTERVAL	10	/* instructions between two offers */
#define STACKSIZE	16
#define NLOCKS		4
#define NVARS		4
#define WORKERS		6
#define ROUNDS		300

/* The locks of the language, and what they protect. */
#define L_COUNT		0
#define L_PING		1
#define L_PONG		2
#define V_COUNT		0
#define V_TURNS		1

enum opcode { PUSH, LOAD, STORE, ADD, JNZ, ACQUIRE, RELEASE, LOCAL, SETLOCAL,
	HALT };

struct insn {
	enum opcode op;
	int	arg;
};

struct state {			/* of a thread of the language */
	thread_t id;
	struct insn *code;
	int	pc, sp;
	int	stack[STACKSIZE];
	int	local;
	long	done;		/* instructions */
	mutex_t	*finished;	/* released at the end */
};

mutex_t	interpreter_lock;	/* zeros are an unlocked mutex */
mutex_t	lang_lock[NLOCKS];
int	var[NVARS];
struct state *states[MAXTHREADS];
thread_key_t state_key;
int	destroyed, handovers;	/* under interpreter_lock */

/* count = count + 1, as often as the local variable says, under a lock */
struct insn counter[] = {
	{ PUSH, ROUNDS }, { SETLOCAL, 0 },
	{ ACQUIRE, L_COUNT },
	{ LOAD, V_COUNT }, { PUSH, 1 }, { ADD, 0 }, { STORE, V_COUNT },
	{ RELEASE, L_COUNT },
	{ LOCAL, 0 }, { PUSH, -1 }, { ADD, 0 }, { SETLOCAL, 0 },
	{ LOCAL, 0 }, { JNZ, 2 },
	{ HALT, 0 }
};

/* Two threads, each of which releases the lock that the other one takes. */
struct insn ping[] = {
	{ PUSH, ROUNDS }, { SETLOCAL, 0 },
	{ ACQUIRE, L_PING },
	{ LOAD, V_TURNS }, { PUSH, 1 }, { ADD, 0 }, { STORE, V_TURNS },
	{ RELEASE, L_PONG },
	{ LOCAL, 0 }, { PUSH, -1 }, { ADD, 0 }, { SETLOCAL, 0 },
	{ LOCAL, 0 }, { JNZ, 2 },
	{ HALT, 0 }
};
struct insn pong[] = {
	{ PUSH, ROUNDS }, { SETLOCAL, 0 },
	{ ACQUIRE, L_PONG },
	{ LOAD, V_TURNS }, { PUSH, 1 }, { ADD, 0 }, { STORE, V_TURNS },
	{ RELEASE, L_PING },
	{ LOCAL, 0 }, { PUSH, -1 }, { ADD, 0 }, { SETLOCAL, 0 },
	{ LOCAL, 0 }, { JNZ, 2 },
	{ HALT, 0 }
};

void
fatal(what, err)
	char	*what;
	int	err;
{
	fprintf(stderr, "interpreter_lock: thread %d: %s: %s\n", thr_self(),
	    what, strerror(err));
	exit(1);
}

/* The state of this thread, by its id and, to be sure, by its key. */
struct state *
current()
{
	struct state *s = states[thr_self()];
	void	*value;
	int	err;

	if ((err = thr_getspecific(state_key, &value)) != 0)
		fatal("thr_getspecific", err);
	if (value != (void *)s || s->id != thr_self())
		fatal("somebody else's state", EINVAL);
	return (s);
}

void
let_others_run()
{
	mutex_unlock(&interpreter_lock);
	thr_yield();
	mutex_lock(&interpreter_lock);
	current();
}

void
lang_acquire(lock)
	mutex_t	*lock;
{
	int	err = mutex_trylock(lock);

	if (err == 0)
		return;
	if (err != EBUSY)
		fatal("mutex_trylock", err);
	mutex_unlock(&interpreter_lock);	/* for the time of the wait */
	mutex_lock(lock);
	mutex_lock(&interpreter_lock);
	handovers++;
}

/* Runs with the interpreter lock held. */
void
interpret()
{
	struct state *s = current();
	struct insn *i;
	int	ticker = CHECKINTERVAL;

	for (;;) {
		if (--ticker == 0) {
			ticker = CHECKINTERVAL;
			let_others_run();
		}
		i = &s->code[s->pc++];
		s->done++;
		switch (i->op) {
		case PUSH:
			s->stack[s->sp++] = i->arg;
			break;
		case LOAD:
			s->stack[s->sp++] = var[i->arg];
			break;
		case STORE:
			var[i->arg] = s->stack[--s->sp];
			break;
		case ADD:
			s->sp--;
			s->stack[s->sp - 1] += s->stack[s->sp];
			break;
		case JNZ:
			if (s->stack[--s->sp] != 0)
				s->pc = i->arg;
			break;
		case ACQUIRE:
			lang_acquire(&lang_lock[i->arg]);
			break;
		case RELEASE:
			mutex_unlock(&lang_lock[i->arg]);
			break;
		case LOCAL:
			s->stack[s->sp++] = s->local;
			break;
		case SETLOCAL:
			s->local = s->stack[--s->sp];
			break;
		case HALT:
			return;
		}
	}
}

/* At the end of a thread: its state goes, and whoever waits may go on. */
void
destroy_state(arg)
	void	*arg;
{
	struct state *s = (struct state *)arg;

	mutex_lock(&interpreter_lock);
	destroyed++;
	states[s->id] = NULL;
	mutex_unlock(&interpreter_lock);
	mutex_unlock(s->finished);		/* main has taken it */
	free(s);
}

void *
bootstrap(arg)
	void	*arg;
{
	struct state *s = (struct state *)arg;
	int	err;

	mutex_lock(&interpreter_lock);
	s->id = thr_self();
	if (s->id >= MAXTHREADS || states[s->id] != NULL)
		fatal("id of a thread", EINVAL);
	states[s->id] = s;
	if ((err = thr_setspecific(state_key, s)) != 0)
		fatal("thr_setspecific", err);
	interpret();
	mutex_unlock(&interpreter_lock);
	thr_exit(NULL);
}

void
start_thread(code, finished)
	struct insn *code;
	mutex_t	*finished;
{
	struct state *s = (struct state *)calloc(1, sizeof (struct state));
	int	err;

	s->code = code;
	s->finished = finished;
	mutex_lock(finished);
	err = thr_create(NULL, NULL, bootstrap, s, THR_DETACHED, NULL);
	if (err != 0)
		fatal("thr_create", err);
}

main(argc, argv)
	int	argc;
	char	**argv;
{
	static mutex_t finished[WORKERS + 2];
	int	i, err;

	if (thr_self() != 1 || thr_main() != 1)
		fatal("main is not thread 1", EINVAL);
	thr_setconcurrency(4);
	if ((err = thr_keycreate(&state_key, destroy_state)) != 0)
		fatal("thr_keycreate", err);

	mutex_lock(&interpreter_lock);
	mutex_lock(&lang_lock[L_PONG]);		/* ping is first */
	for (i = 0; i < WORKERS; i++)
		start_thread(counter, &finished[i]);
	start_thread(ping, &finished[WORKERS]);
	start_thread(pong, &finished[WORKERS + 1]);
	if (var[V_COUNT] != 0 || var[V_TURNS] != 0)
		fatal("a thread runs without the interpreter lock", EINVAL);
	mutex_unlock(&interpreter_lock);

	for (i = 0; i < WORKERS + 2; i++)
		mutex_lock(&finished[i]);

	mutex_lock(&interpreter_lock);
	printf("count %d, turns %d, %d waits for locks of the language\n",
	    var[V_COUNT], var[V_TURNS], handovers);
	if (var[V_COUNT] != WORKERS * ROUNDS || var[V_TURNS] != 2 * ROUNDS ||
	    destroyed != WORKERS + 2 || handovers == 0) {
		fprintf(stderr, "interpreter_lock: wrong, %d threads ended\n",
		    destroyed);
		exit(1);
	}
	/* ping's lock has been released once more than taken */
	if ((err = mutex_trylock(&lang_lock[L_PING])) != 0 ||
	    mutex_trylock(&lang_lock[L_PONG]) != EBUSY)
		fatal("state of the locks", EINVAL);
	printf("interpreter_lock: ok\n");
	exit(0);
}
