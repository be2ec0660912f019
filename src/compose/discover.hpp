#pragma once

#include <string>
#include <vector>

#include "compose/environment.hpp"
#include "compose/loader.hpp"

namespace compose {

// What is to be loaded, and with what.
struct Discovery {
  std::vector<SourceFile> files;
  std::string working_dir;
  Environment environment;  // of the process, completed by .env
  std::vector<std::string> profiles;
};

// Finds and reads the files of the project and its .env.
Discovery discover(Session& session);

// The project's name: given, from a variable, from the files (last one wins), from the directory.
// Reports and stops when there is none.
std::string project_name(Discovery& discovery, Session& session);

// Lower case, only letters, digits, `-` and `_`, none of the latter in front.
std::string normalize_project_name(std::string_view name);

}  // namespace compose
