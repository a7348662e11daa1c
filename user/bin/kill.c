// SPDX-License-Identifier: MIT
/*
 * Send a signal to processes; -PID means a whole group.
 */
#include <tool.h>

int
main(int argc, char **argv)
{
	tool_exit(tool_kill(argc, argv));
}
