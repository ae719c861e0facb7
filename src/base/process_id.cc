// SPDX-License-Identifier: MIT

#include "base/process_id.h"

namespace lt {

constinit uint32_t g_process_id = 0;

}  // namespace lt
