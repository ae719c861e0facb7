// SPDX-License-Identifier: MIT
// sorter - the same boxes, from C++.

#include <stdio.h>
#include "box.h"

class Guard {
public:
	Guard(mutex_t &m) : m_(m) { mutex_lock(&m_); }
	~Guard() { mutex_unlock(&m_); }
private:
	mutex_t	&m_;
};

extern "C" void *sort(void *)
{
	for (int i = 0; i < 10; i++) {
		move_letter(&box[0], &box[1 + i % 3]);
		Guard guard(box[3].lock);
		if (box[3].letters > 3)
			throw "too many";
	}
	return 0;
}

int main()
{
	box[0].letters = 10;
	thr_create(0, 0, sort, 0, THR_BOUND | THR_NEW_LWP, 0);
	thr_join(0, 0, 0);
	printf("%d %d %d %d\n", box[0].letters, box[1].letters,
	    box[2].letters, box[3].letters);
	return 0;
}
