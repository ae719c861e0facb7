/* SPDX-License-Identifier: MIT */
/* The other half of knr.c. */
int lines;

count_line(text)
    char *text;
{
    lines += strlen(text);
}
