/* SPDX-License-Identifier: MIT */
/*
 * Built with knr_lines.c: C before prototypes, and habits that compilers have
 * since made errors.  `lines` is defined in both files.
 */
#include <stdio.h>
#ident "@(#)knr.c 1.3"

int lines;
char *program = 0;
struct item { int value; struct item *next; };
struct node { int value; struct node *next; };

static total(list)
    register struct item *list;
{
    int sum = 0;

    for (; list != NULL; list = list->next)
        sum += list->value;
    return sum;
}

char *
pick(which, names)
    char **names;
{
    return which < 0 ? NULL : names[which];
}

note(text)
    char *text;
{
    if (text == 0)
        return;
    count_line(text);
}

main(argc, argv)
    int argc;
    char **argv;
{
    struct node last, first;
    static char *names[] = { "zero", "one" };
    int nothing = NULL;
    long handle;

    program = argv[0];
    last.value = 40, last.next = 0;
    first.value = 2, first.next = &last;
    handle = names[1];
    note("a"), note("b"), note(nothing);
    if (total(&first) != 42 || lines != 2)
        exit(1);
    if (pick(-1, names) != 0 || strcmp(handle, "one") != 0)
        exit(2);
    printf("%s %d\n", pick(1, names), total(&first));
    exit(0);
}
