/* SPDX-License-Identifier: MIT */
/* letters - a program for POSIX threads. */
#include <pthread.h>
#include <stdio.h>

static void *write_letter(void *number)
{
	return number;
}

int main(void)
{
	pthread_t writer[26];
	void *letter;
	long i;

	for (i = 0; i < 26; i++)
		pthread_create(&writer[i], NULL, write_letter, (void *)('a' + i));
	for (i = 0; i < 26; i++) {
		pthread_join(writer[i], &letter);
		putchar((int)(long)letter);
	}
	putchar('\n');
	return 0;
}
