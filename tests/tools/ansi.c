/* SPDX-License-Identifier: MIT */
/* Checks what solcc's defaults promise: char, aliasing, C99 beside C89. */
#include <stdio.h>
#include <string.h>

#ifdef _REENTRANT
#error "not asked for"
#endif

static float
half(int *bits, float *number)
{
    *number = 1.0f;
    *bits -= 1 << 23; // one off the exponent
    return *number;
}

int
main(void)
{
    union { int bits; float number; } u;
    char c = (char)0xff;

    for (int i = 0; i < 1; i++)
        if (half((int *)(void *)&u, &u.number) != 0.5f)
            return 1;
    if (c >= 0)
        return 2;
    if (strcmp(TEXT, "two  words") != 0)
        return 3;
    puts(TEXT);
    return 0;
}
