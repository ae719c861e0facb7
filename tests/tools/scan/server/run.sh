#!/bin/sh
# SPDX-License-Identifier: MIT
LIBTHREAD_ERROR_DETECTION=1 LD_PRELOAD_64=/usr/lib/64/x.so \
  exec ./server "${_THREAD_ASYNC_SAFE}"
