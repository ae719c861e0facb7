/* SPDX-License-Identifier: MIT */
#include "box.h"

struct box box[BOXES];

/* The box with the lower address is locked first. */
void
move_letter(struct box *from, struct box *to)
{
	mutex_lock(from < to ? &from->lock : &to->lock);
	mutex_lock(from < to ? &to->lock : &from->lock);
	if (from->letters > 0) {
		from->letters--;
		to->letters++;
	}
	mutex_unlock(&from->lock);
	mutex_unlock(&to->lock);
}
