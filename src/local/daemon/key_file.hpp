#pragma once

#include <string>

#include "local/daemon/start_report.hpp"
#include "local/daemon/state_paths.hpp"
#include "local/store.hpp"
#include "util/result.hpp"

namespace local::daemon {

// The key that the store's secrets are sealed with: read, or made when the store is without it. A
// key that is damaged, or missing while there are secrets that only it opens, is a failure: a new
// one would be of no use to them, and in the way of the old one when it is put back.
util::Result<std::string, StartFailure> open_key(const StatePaths& paths, Store& store);

}  // namespace local::daemon
