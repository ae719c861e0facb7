// SPDX-License-Identifier: MIT

#include "base/own_call.h"

namespace lt {

__thread bool t_own_call __attribute__((tls_model("initial-exec"))) = false;

}  // namespace lt
