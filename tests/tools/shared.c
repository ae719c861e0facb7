/* SPDX-License-Identifier: MIT */
/* A shared object; with MAIN, the program that uses it. */
#ifdef MAIN
#include <stdio.h>

extern int answer(void);

int
main(void)
{
    printf("%d\n", answer());
    return answer() == 42 ? 0 : 1;
}
#else
static int table[] = { 42 };

int hidden(void) { return table[0]; }
int answer(void) { return hidden(); }
#endif
