// SPDX-License-Identifier: MIT
//
// The cases of the programs of this folder, and how each ends.

#ifndef LIBTHREAD_TESTS_SUNOS4_CASES_H_
#define LIBTHREAD_TESTS_SUNOS4_CASES_H_

#include <csignal>
#include <vector>

namespace lt {

enum Modes {
  kBoth,
  kPreemptive,  // waits for something that only preemption brings
};

struct Case {
  const char* name;
  Modes modes = kBoth;
  int status = 0;
  const char* out = "ok\n";
  int limit_s = 60;
  bool says_seed = false;  // on stderr
};

struct Program {
  const char* name;
  std::vector<Case> cases;
};

// SIGABRT, as a status of the table.
inline constexpr int kAborts = -SIGABRT;

inline const std::vector<Program>& Programs() {
  static const std::vector<Program> programs{
      {"sunos4_threads",
       {{"a_main_ends"},
        {"b_yield_rounds"},
        {"b_yield_rounds_with_main"},
        {"b_yield_to"},
        {"c_time_slicer", kPreemptive},
        {"c_resched_turns"},
        {"h_suspended_and_blocked"},
        {"h_suspended_creation"},
        {"h_self_suspension"},
        {"h_setpri_switches"},
        {"h_setpri_of_blocked"},
        {"h_created_above"},
        {"h_resumed_above"}}},
      {"sunos4_handles",
       {{"j_stale_thread"}, {"j_stale_objects"}, {"j_handles"}, {"j_garbage"}}},
      {"sunos4_messages",
       {{"d_any_order"},
        {"d_first_come"},
        {"d_rendezvous"},
        {"e_time_limits"},
        {"e_in_time"},
        {"deaths"},
        {"dead_sender"},
        {"errors"},
        {"enumerations"},
        {"i_servers", kBoth, 7, "served\nserved\nok\n"}}},
      {"sunos4_monitors",
       {{"f_nesting"},
        {"f_death_of_holder"},
        {"f_return_of_holder"},
        {"f_waiters_order"},
        {"f_exit_switches"},
        {"f_broken"},
        {"monitor_statement"},
        {"monitor_errors"}}},
      {"sunos4_conditions",
       {{"g_wait_releases_one"},
        {"g_notify_order"},
        {"g_broadcast"},
        {"g_send_picks"},
        {"wait_in_nest"},
        {"condition_errors"},
        {"destroyed_waiter"}}},
      {"sunos4_errors",
       {{"create"},
        {"stack_store"},
        {"create_no_room"},
        {"destroy"},
        {"yield"},
        {"sleep"},
        {"resched"},
        {"setpri"},
        {"suspension"},
        {"maximum"},
        {"one_level"},
        {"first_setmaxpri"},
        {"state"},
        {"joiners"},
        {"enumerate"},
        {"contexts"},
        {"code_of_thread"}}},
      {"sunos4_agents",
       {{"k_signal_agent"},
        {"k_victim", kPreemptive},
        {"k_last_rites"},
        {"deaths_in_order"},
        {"child_agent"},
        {"agent_of_dead"},
        {"agent_errors"},
        {"trap_handled"},
        {"trap_unhandled"},
        {"trap_calls_function", kBoth, 42, ""}}},
      {"sunos4_life",
       {{"exit_in_main", kBoth, 5, "thread\n"},
        {"exit_in_thread", kBoth, 6, "exits\nmain goes on\n"},
        {"last_exit", kBoth, 8, "exits\nexits\n"},
        {"setexit", kBoth, 12, "thread\n"},
        {"pod_exit_at_once", kBoth, 4, ""},
        {"pod_exit_in_thread", kBoth, 11, ""},
        {"system_exit", kBoth, 13, ""},
        {"handlers", kBoth, 5, "thread\nsecond 5\nfirst\nbuffered\n"},
        {"handlers_of_pod_exit", kBoth, 9, "handler 9\nbuffered\n"},
        {"no_pod", kBoth, 3, "handler 3\nbuffered\n"},
        {"foreign_pthread", kBoth, 2, "thread\n"},
        {"foreign_exit", kBoth, 21, ""},
        {"forks", kBoth, 0, "child's thread\nparent's thread\n"},
        {"fork_in_thread", kBoth, 0, "parent\n"},
        {"main_destroyed", kBoth, 0, "thread goes on\nand on\n"},
        {"main_joined", kBoth, 0, "joined\n"},
        {"generations", kBoth, 0, "last\n"}}},
      {"sunos4_preempt",
       {{"sleeper", kPreemptive},
        {"no_slice"},
        {"lower_waits"},
        {"front_of_queue", kPreemptive},
        {"in_libc", kPreemptive},
        {"registers", kPreemptive},
        {"errno_of_thread", kPreemptive},
        {"blocked_pod", kPreemptive},
        {"suspend_spinning", kPreemptive},
        {"many_sleepers", kPreemptive}}},
      {"sunos4_stacks",
       {{"arguments"},
        {"many_arguments"},
        {"tiny_cache"},
        {"reuse"},
        {"own_array"},
        {"past_the_end"},
        {"odd_top"},
        {"stack_after_join"},
        {"data_above"}}},
      {"sunos4_limits",
       {{"checked"},
        {"switch_check", kBoth, kAborts, ""},
        {"switch_check_kept"},
        {"registers"},
        {"registers_of_suspended"}}},
      {"sunos4_exceptions",
       {{"returns_again"},
        {"nested"},
        {"passed_over"},
        {"catchall"},
        {"dropped"},
        {"keeps_registers"},
        {"notifies"},
        {"on_exit_return"},
        {"on_exit_raise"},
        {"monitor_left"},
        {"of_threads"},
        {"unhandled"},
        {"errors"}}},
      {"sunos4_edges",
       {{"foreign_thread"},
        {"many_threads"},
        {"many_objects"},
        {"exit_order"},
        {"sleep_order"},
        {"for_ever"},
        {"agent_memory"},
        {"io_agent"},
        {"timer_agent"},
        {"agent_as_thread"},
        {"misuse"}}},
      {"sunos4_pod_smoke",
       {{"preempts", kPreemptive},
        {"destroys_spinner", kPreemptive},
        {"destroys_blocked", kPreemptive},
        {"destroys_waiting"},
        {"unwound"},
        {"handlers"},
        {"chaos", kPreemptive, 0, "ok\n", 60, true}}},
      {"sunos4_contexts",
       {{"data"}, {"hooks"}, {"optimized"}, {"removed"}, {"errno_of_thread"}}},
      {"sunos4_nbio",
       {{"read_pipe"},
        {"read_vector"},
        {"selects"},
        {"select_times_out"},
        {"polls"},
        {"write_pipe"},
        {"sockets"},
        {"waits_for_child"},
        {"destroyed"},
        {"errors"}}},
      {"sunos4_no_nbio", {{"read_stops"}, {"errors"}}},
  };
  return programs;
}

}  // namespace lt

#endif  // LIBTHREAD_TESTS_SUNOS4_CASES_H_
