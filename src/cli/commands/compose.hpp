#pragma once

#include "cli/command.hpp"

namespace cli {

Command compose_command();

// Its children.
Command compose_check_command();
Command compose_config_command();
Command compose_convert_command();
Command compose_down_command();
Command compose_logs_command();
Command compose_ps_command();
Command compose_run_command();
Command compose_up_command();

}  // namespace cli
