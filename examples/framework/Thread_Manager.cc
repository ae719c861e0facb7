// SPDX-License-Identifier: MIT

#include "Thread_Manager.h"

Thread_Manager::Thread_Manager() : used_(0)
{
}

Thread_Manager::Exit_Hook::~Exit_Hook()
{
	if (descriptor != 0) {
		Guard<Mutex> guard(descriptor->manager->lock_);
		descriptor->state = TERMINATED;
	}
}

void *thread_manager_run(void *arg)
{
	Thread_Manager::Descriptor *d =
	    static_cast<Thread_Manager::Descriptor *>(arg);
	d->manager->hook_->descriptor = d;
	return (*d->func)(d->arg);
}

int Thread_Manager::spawn(THR_FUNC func, void *arg, long flags, int grp_id)
{
	Guard<Mutex> guard(lock_);
	if (used_ == MAX_THREADS)
		return EAGAIN;
	Descriptor *d = &table_[used_];
	d->grp_id = grp_id;
	d->state = flags & THR_SUSPENDED ? SUSPENDED : RUNNING;
	d->func = func;
	d->arg = arg;
	d->manager = this;
	int err = ::thr_create(0, 0, thread_manager_run, d, flags, &d->id);
	if (err == 0)
		used_++;
	return err;
}

int Thread_Manager::spawn_n(int n, THR_FUNC func, void *arg, long flags,
    int grp_id)
{
	int err = 0;
	for (int i = 0; i < n && err == 0; i++)
		err = spawn(func, arg, flags, grp_id);
	return err;
}

int Thread_Manager::resume_grp(int grp_id)
{
	Guard<Mutex> guard(lock_);
	for (int i = 0; i < used_; i++) {
		Descriptor *d = &table_[i];
		if (d->grp_id == grp_id && d->state == SUSPENDED) {
			d->state = RUNNING;
			int err = ::thr_continue(d->id);
			if (err != 0)
				return err;
		}
	}
	return 0;
}

int Thread_Manager::count(State state)
{
	Guard<Mutex> guard(lock_);
	int n = 0;
	for (int i = 0; i < used_; i++)
		n += table_[i].state == state;
	return n;
}

int Thread_Manager::wait()
{
	thread_t departed;
	int n = 0;
	while (::thr_join(0, &departed, 0) == 0)
		n++;
	return n;
}

Task::Task(Thread_Manager &manager, int high_water)
	: manager_(manager), not_empty_(lock_), not_full_(lock_), head_(0),
	  length_(0), high_water_(high_water < SIZE ? high_water : SIZE)
{
}

void *Task::svc_run(void *arg)
{
	static_cast<Task *>(arg)->svc();
	return 0;
}

int Task::activate(long flags, int n_threads, int grp_id)
{
	return manager_.spawn_n(n_threads, svc_run, this, flags, grp_id);
}

void Task::put(long message)
{
	Guard<Mutex> guard(lock_);
	while (length_ >= high_water_)
		not_full_.wait();
	queue_[(head_ + length_++) % SIZE] = message;
	not_empty_.signal();
}

long Task::get()
{
	Guard<Mutex> guard(lock_);
	while (length_ == 0)
		not_empty_.wait();
	long message = queue_[head_];
	head_ = (head_ + 1) % SIZE;
	length_--;
	not_full_.signal();
	return message;
}
