#pragma once

#include <optional>
#include <string>
#include <vector>

#include "cli/exit_code.hpp"
#include "cli/failure.hpp"
#include "compose/load.hpp"
#include "compose/project.hpp"
#include "diag/diagnostic.hpp"
#include "diag/source_map.hpp"
#include "util/result.hpp"

namespace cli {

class Options;
class Session;

// What is read while a project loads, and what was found wrong with it.
struct Loading {
  diag::SourceMap sources;
  diag::Bag bag;
};

// What the flags of `compose` and the environment ask the loader for.
compose::LoadRequest load_request(const Session& session, const Options& options);
// Everything that was found, on stderr.
void show_diagnostics(const Session& session, const Loading& loading);
// That of a project that could not be loaded.
ExitCode exit_code_of(const diag::Bag& bag);

// A project as the flags of `compose` name it, or the exit code after everything wrong was said on
// stderr.
util::Result<compose::Project, ExitCode> load_project(const Session& session,
                                                      const Options& options);

// The project's template. Says on stderr what could not be converted.
struct ConvertedProject {
  compose::Project project;
  std::string text;                     // in the format asked for
  std::vector<std::string> parameters;  // the template's, by name
};

// `stats`: how much of CloudFormation's limits the template takes, instead of it.
enum class TemplateFormat : std::uint8_t { yaml, json, compact_json, stats };

util::Result<ConvertedProject, ExitCode> convert_project(const Session& session,
                                                         const Options& options,
                                                         TemplateFormat format);

// Only the name: `--project-name` needs no file.
util::Result<std::string, ExitCode> project_name(const Session& session, const Options& options);

}  // namespace cli
