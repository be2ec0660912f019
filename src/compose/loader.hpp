#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "compose/document.hpp"
#include "compose/environment.hpp"
#include "compose/load.hpp"
#include "compose/problems.hpp"
#include "diag/source_map.hpp"
#include "doc/node.hpp"
#include "util/file_system.hpp"

// Inside of the loader: what its phases share while one project is read.
namespace compose {

// A file of the project. `name` is how messages call it: an absolute path, or "-".
struct SourceFile {
  std::string name;
  std::string text;
  // Filled when the file was read for its name already.
  std::optional<doc::YamlStream> stream = std::nullopt;
};

struct Session {
  const LoadRequest& request;
  const util::ReadOnlyFileSystem& files;
  diag::SourceMap& sources;
  Problems& problems;
  std::set<std::string> warned_of_version;  // files
  std::size_t files_read = 0;
  std::size_t nodes_read = 0;  // of YAML
};

// "open /x: no such file or directory": how a failed read is told.
std::string read_failure(const std::string& path, const util::FileError& error);

// One model in the making: the main one, or that of an `include`.
struct Scope {
  std::string working_dir;  // of relative paths: absolute for the main model, relative to it for
                            // included ones
  std::string lookup_dir;   // where files named by `extends` and `include` are looked for
  const Environment* environment = nullptr;
};

// Calls `take` with each document of a file, its tags taken; stops behind the last good one when
// the rest is no YAML.
void for_each_document(SourceFile file,
                       Session& session,
                       const std::function<void(Document)>& take);

// Reads the text of a file into `stream`, unless that was done before.
void parse(SourceFile& file, Session& session);

// A file by its absolute path; stops when it cannot be read.
SourceFile read_file(const std::string& path,
                     Session& session,
                     std::optional<diag::Span> asked_at = {});

// Files in order, each merged over the ones before, with defaults, checks and paths done (steps 4
// and 5 of the pipeline).
doc::Node load_files(std::vector<SourceFile> files,
                     const Scope& scope,
                     const std::vector<std::string>& included_from,
                     Session& session);

// `extends` in every service of a document. `file` is its name in messages.
void apply_extends(doc::Node& document,
                   const Resets& resets,
                   const std::string& file,
                   const Scope& scope,
                   Session& session);

// `include` of a document: the included resources below its own.
void apply_include(doc::Node& document,
                   const Resets& resets,
                   const Scope& scope,
                   const std::vector<std::string>& included,
                   Session& session);

// Reads a file for `extends`: in long form, not yet validated, its paths relative to `directory`.
struct ExtendedFile {
  doc::Node root;
  Resets resets;
};

ExtendedFile load_extended_file(const std::string& path,
                                const std::string& directory,
                                const Scope& scope,
                                Session& session);

}  // namespace compose
