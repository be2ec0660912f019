#pragma once

#include "local/action_table.hpp"
#include "local/context.hpp"

namespace local {

// Who am I (always the account's root) and temporary credentials for a role of this engine. Nothing
// checks them later: whoever reaches the loopback endpoint may do everything.
class Sts {
 public:
  Sts(Context& context, const ActionTable& actions) : context_(context), actions_(actions) {}

  void add_actions(ActionTable& actions);

 private:
  Context& context_;
  const ActionTable& actions_;
};

}  // namespace local
