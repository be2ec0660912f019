#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "compose/environment.hpp"
#include "compose/project.hpp"
#include "diag/diagnostic.hpp"
#include "diag/source_map.hpp"
#include "doc/node.hpp"
#include "util/file_system.hpp"

namespace compose {

// What the user asked for on the command line and in the environment. Relative paths are relative
// to `current_dir`.
struct LoadRequest {
  std::vector<std::string> files;  // -f; "-" is standard input; empty: COMPOSE_FILE, else discovery
  std::vector<std::string>
      env_files;  // --env-file; empty: COMPOSE_ENV_FILES, else <working dir>/.env
  std::optional<std::string> project_name;       // -p
  std::optional<std::string> project_directory;  // --project-directory
  std::vector<std::string> profiles;             // --profile; empty: COMPOSE_PROFILES
  std::vector<std::string> services;             // names on the command line; empty: all
  Environment environment;                       // of the process
  std::string current_dir;                       // absolute
  std::optional<std::string> standard_input;     // the text that "-" stands for

  bool interpolate = true;
  bool validate_schema = true;
  bool normalize = true;
  bool resolve_paths = true;
  bool check_consistency = true;
  bool resolve_environment = true;  // env_file and variables without a value
  // Drop networks, volumes, secrets, configs and models that no active service uses.
  bool drop_unused_resources = false;
};

// What is wrong with a name given by hand; nothing when it may be used.
std::optional<diag::Diagnostic> check_project_name(std::string_view name);

// Reads and resolves a project. Everything wrong is reported to `sink`, with places in `sources`;
// empty only after an error was reported. Nothing is read but through `files`.
std::optional<Project> load(const LoadRequest& request,
                            const util::ReadOnlyFileSystem& files,
                            diag::SourceMap& sources,
                            diag::Sink& sink);

// What `docker compose config` tells about a project.
struct ConfigModel {
  doc::Node tree;           // as load_model() gives it
  doc::Node inactive;       // the services that no active profile wants, as a mapping
  Environment environment;  // what `${…}` stands for: of the process, completed by .env
};

std::optional<ConfigModel> load_config(const LoadRequest& request,
                                       const util::ReadOnlyFileSystem& files,
                                       diag::SourceMap& sources,
                                       diag::Sink& sink);

// The same project as the tree that `docker compose config` prints: long forms, Compose's own
// spelling of durations and sizes, no empty values. Without interpolation it is the model before it
// is bound to types.
std::optional<doc::Node> load_model(const LoadRequest& request,
                                    const util::ReadOnlyFileSystem& files,
                                    diag::SourceMap& sources,
                                    diag::Sink& sink);

}  // namespace compose
