#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/failure.hpp"
#include "compose/project.hpp"
#include "util/result.hpp"

namespace cli {

class Options;
class Session;

// A project as the flags of `compose` name it, or the exit code after everything wrong was said on
// stderr.
util::Result<compose::Project, ExitCode> load_project(const Session& session,
                                                      const Options& options);

// The project's template. Says on stderr what could not be converted.
struct ConvertedProject {
  compose::Project project;
  std::string json;                     // compact
  std::string text;                     // in the format asked for
  std::vector<std::string> parameters;  // the template's, by name
};

enum class TemplateFormat : std::uint8_t { yaml, json };

util::Result<ConvertedProject, ExitCode> convert_project(const Session& session,
                                                         const Options& options,
                                                         TemplateFormat format);

// Only the name: `--project-name` needs no file.
util::Result<std::string, ExitCode> project_name(const Session& session, const Options& options);

}  // namespace cli
