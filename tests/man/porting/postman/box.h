/* SPDX-License-Identifier: MIT */
/* box.h - a letter box, and how a letter gets from one to another. */

#include <thread.h>
#include <synch.h>

#ifdef __cplusplus
extern "C" {
#endif

struct box {
	mutex_t	lock;
	int	letters;
};

#define BOXES	4

extern struct box box[BOXES];
extern void move_letter(struct box *, struct box *);

#ifdef __cplusplus
}
#endif
