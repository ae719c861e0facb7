# SPDX-License-Identifier: MIT
#
# Programs whose cases are tests each.  Included by CMakeLists.txt here.

set(smoke_cases exceptions limits patterns registers traps)
set(smoke_agents_cases agent_memory agent_signals agents_and_fork
                       agents_of_one_event)
set(smoke_nbio_cases children closed_meanwhile named_pipe pipes selects sockets)

add_executable(sunos4_podx_smoke podx_smoke.c podx_smoke.h)
target_link_libraries(sunos4_podx_smoke PRIVATE lwp)
add_executable(sunos4_podx_smoke_agents podx_smoke_agents.c podx_smoke.h)
target_link_libraries(sunos4_podx_smoke_agents PRIVATE lwp)
add_executable(sunos4_podx_smoke_nbio podx_smoke_nbio.c)
target_link_libraries(sunos4_podx_smoke_nbio PRIVATE nbio lwp)

foreach(program IN ITEMS smoke smoke_agents smoke_nbio)
  target_include_directories(sunos4_podx_${program} PRIVATE
    ${PROJECT_SOURCE_DIR}/compat/sunos4/include)
  target_compile_options(sunos4_podx_${program} PRIVATE -Wall -Wextra)
  set_target_properties(sunos4_podx_${program} PROPERTIES C_STANDARD 11)
  foreach(case IN LISTS ${program}_cases)
    foreach(model IN LISTS lt_models)
      add_test(NAME sunos4.${program}.${case}.${model}
               COMMAND sunos4_podx_${program} ${case})
      set_tests_properties(sunos4.${program}.${case}.${model} PROPERTIES
        ENVIRONMENT "LIBTHREAD_MODEL=${model}" TIMEOUT 60)
    endforeach()
  endforeach()
endforeach()
