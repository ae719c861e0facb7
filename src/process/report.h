// SPDX-License-Identifier: MIT
//
// What LIBTHREAD_PRINT_CONFIG and LIBTHREAD_STATS print, on standard error.

#ifndef LIBTHREAD_PROCESS_REPORT_H_
#define LIBTHREAD_PROCESS_REPORT_H_

namespace lt {

void ReportConfig();
void ReportStats();

}  // namespace lt

#endif  // LIBTHREAD_PROCESS_REPORT_H_
