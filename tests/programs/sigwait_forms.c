/* SPDX-License-Identifier: MIT */
/* Both forms of sigwait(), in C and with any order of headers. */
#include <signal.h>
#include <stdio.h>
#include <thread.h>

int main(void)
{
	sigset_t set;
	int came = 0;

	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	if (thr_sigsetmask(SIG_BLOCK, &set, NULL) != 0)
		return 1;
	if (thr_kill(thr_self(), SIGUSR1) != 0 || sigwait(&set) != SIGUSR1)
		return 2;
	if (raise(SIGUSR1) != 0 || sigwait(&set, &came) != 0)
		return 3;
	if (came != SIGUSR1)
		return 4;
	printf("done\n");
	return 0;
}
