#include "compose/discover.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>
#include <utility>

#include "compose/env_file.hpp"
#include "compose/go_text.hpp"
#include "compose/interpolate.hpp"
#include "compose/remote.hpp"
#include "doc/yaml_reader.hpp"
#include "util/file_path.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

constexpr std::array<std::string_view, 4> kFileNames{"compose.yaml",
                                                     "compose.yml",
                                                     "docker-compose.yml",
                                                     "docker-compose.yaml"};
constexpr std::array<std::string_view, 4> kOverrideNames{"compose.override.yml",
                                                         "compose.override.yaml",
                                                         "docker-compose.override.yml",
                                                         "docker-compose.override.yaml"};

class Discoverer {
 public:
  explicit Discoverer(Session& session)
      : session_(session), request_(session.request), environment_(session.request.environment) {}

  Discovery run() {
    paths_ = request_.files;
    for (const std::string& path : paths_) {
      refuse_remote_file("file", path, session_.problems);
    }
    env_files_ = request_.env_files;
    if (const std::string* listed = variable("COMPOSE_ENV_FILES");
        env_files_.empty() && listed != nullptr && !listed->empty()) {
      env_files_ = util::split(*listed, ',');
    }
    // Twice: the first .env may say which files to load, and their directory
    // may hold another one.
    read_dotenv();
    paths_from_variable();
    search();
    read_dotenv();
    return finish();
  }

 private:
  [[nodiscard]] const std::string* variable(std::string_view name) const {
    const auto at = environment_.find(name);
    return at == environment_.end() ? nullptr : &at->second;
  }

  [[nodiscard]] std::string absolute(std::string_view path) const {
    return util::absolute_path(request_.current_dir, path);
  }

  [[nodiscard]] std::string working_dir() const {
    if (request_.project_directory && !request_.project_directory->empty()) {
      return absolute(*request_.project_directory);
    }
    for (const std::string& path : paths_) {
      if (path != "-") {
        return util::parent_path(absolute(path));
      }
    }
    return util::clean_path(request_.current_dir);
  }

  void read_dotenv() {
    if (env_files_.empty() && !default_env_file_disabled()) {
      const std::string path = util::join_path(working_dir(), ".env");
      const util::Result<util::FileKind, util::FileError> kind = session_.files.stat(path);
      if (kind && *kind != util::FileKind::directory) {
        env_files_ = {path};
      } else if (!kind && kind.error().code != ENOENT) {
        session_.problems.stop("compose.unreadable-file",
                               "stat " + path + ": " + kind.error().message);
      }
    }
    std::vector<std::string> paths;
    for (const std::string& file : env_files_) {
      paths.push_back(absolute(file));
    }
    const Environment more = read_env_files(paths, environment_, session_);
    environment_.insert(more.begin(), more.end());
  }

  bool default_env_file_disabled() {
    const auto at = request_.environment.find("COMPOSE_DISABLE_ENV_FILE");
    if (at == request_.environment.end()) {
      return false;
    }
    const util::Result<bool, std::string> disabled = read_bool(at->second);
    if (!disabled) {
      session_.problems.stop("compose.invalid-value", disabled.error());
    }
    return *disabled;
  }

  void paths_from_variable() {
    const std::string* value = variable("COMPOSE_FILE");
    if (!paths_.empty() || value == nullptr) {
      return;
    }
    const std::string* given = variable("COMPOSE_PATH_SEPARATOR");
    const std::string separator = given == nullptr || given->empty() ? ":" : *given;
    std::string_view rest = *value;
    while (true) {
      const std::size_t at = rest.find(separator);
      const std::string_view item = rest.substr(0, at);
      if (item == "-") {
        paths_.emplace_back(item);
      } else {
        refuse_remote_file("file", item, session_.problems);
        paths_.push_back(absolute(item));
        if (const auto kind = session_.files.stat(paths_.back()); !kind) {
          session_.problems.stop("compose.unreadable-file",
                                 "stat " + paths_.back() + ": " + kind.error().message);
        }
      }
      if (at == std::string_view::npos) {
        return;
      }
      rest = rest.substr(at + separator.size());
    }
  }

  std::vector<std::string> present(const std::array<std::string_view, 4>& names,
                                   const std::string& directory) const {
    std::vector<std::string> out;
    for (const std::string_view name : names) {
      std::string path = util::join_path(directory, name);
      if (session_.files.stat(path)) {
        out.push_back(std::move(path));
      }
    }
    return out;
  }

  void take_first(const std::vector<std::string>& found, std::string_view what) {
    if (found.empty()) {
      return;
    }
    if (found.size() > 1) {
      session_.problems.warning("compose.several-files",
                                "Found multiple " + std::string(what) +
                                    " files with supported names: " + util::join(found, ", "));
      session_.problems.warning("compose.several-files", "Using " + found.front());
    }
    paths_.push_back(found.front());
  }

  void search() {
    if (!paths_.empty()) {
      return;
    }
    for (std::string directory = working_dir();; directory = util::parent_path(directory)) {
      take_first(present(kFileNames, directory), "config");
      if (!paths_.empty()) {
        take_first(present(kOverrideNames, directory), "override");
        return;
      }
      if (directory == "/") {
        return;
      }
    }
  }

  Discovery finish() {
    if (paths_.empty()) {
      session_.problems.stop("compose.no-file",
                             "no configuration file provided: not found",
                             std::nullopt,
                             "name one with -f, or run this where a compose.yaml is");
    }
    Discovery out;
    for (const std::string& path : paths_) {
      if (path == "-") {
        out.files.push_back({"-", request_.standard_input.value_or("")});
      } else {
        out.files.push_back(read_file(absolute(path), session_));
      }
    }
    out.profiles = request_.profiles;
    if (const std::string* profiles = variable("COMPOSE_PROFILES");
        out.profiles.empty() && profiles != nullptr) {
      for (const std::string& profile : util::split(*profiles, ',')) {
        out.profiles.emplace_back(util::trim(profile));
      }
    }
    out.working_dir = working_dir();
    out.environment = std::move(environment_);
    return out;
  }

  Session& session_;
  const LoadRequest& request_;
  Environment environment_;
  std::vector<std::string> paths_;
  std::vector<std::string> env_files_;
};

std::string_view tag_of(const doc::Node& node) {
  if (node.as_mapping() != nullptr) {
    return "!!map";
  }
  if (node.as_sequence() != nullptr) {
    return "!!seq";
  }
  if (node.as_int() != nullptr) {
    return "!!int";
  }
  if (node.as_double() != nullptr) {
    return "!!float";
  }
  return node.as_bool() != nullptr ? "!!bool" : "!!str";
}

// The root must be a mapping and its name a scalar.
template <class Fail>
void check_named(const doc::Node& root, const diag::SourceMap& sources, const Fail& fail) {
  const auto line = [&](const diag::Span& span) {
    return "construct errors:\n  line " +
           std::to_string(sources.position(span.file, span.begin).line) + ": cannot construct ";
  };
  if (root.as_mapping() == nullptr && !root.is_null()) {
    const std::string text = root.as_sequence() != nullptr ? "" : " `" + plain_text(root) + "`";
    fail(line(root.span) + std::string(tag_of(root)) + text + " into cli.named", root.span);
  }
  const doc::Node* name = root.find("name");
  if (name != nullptr && (name->as_mapping() != nullptr || name->as_sequence() != nullptr)) {
    const std::string tag =
        name->tag.empty() ? std::string(tag_of(*name)) : std::string(name->tag.text()) + " ``";
    fail(line(name->span) + tag + " into string", name->span);
  }
}

// The `name:` of a document as it is written; nothing when there is none.
std::optional<std::string> name_of(const doc::Node& root, const diag::SourceMap& sources) {
  const doc::Node* name = root.find("name");
  if (name == nullptr || name->is_null() || name->as_mapping() != nullptr ||
      name->as_sequence() != nullptr) {
    return std::nullopt;
  }
  const std::string* text = text_of(*name);
  std::string out =
      text != nullptr
          ? *text
          : std::string(sources.text(name->span.file)
                            .substr(name->span.begin, name->span.end - name->span.begin));
  return out.empty() ? std::nullopt : std::optional(std::move(out));
}

// The reference reads the first document of each file only for its name, and
// tells what is wrong without naming the file.
bool named_in_files(Discovery& discovery, Session& session, std::vector<std::string>& names) {
  bool named = false;
  for (SourceFile& file : discovery.files) {
    parse(file, session);
    const doc::YamlStream& stream = *file.stream;
    const auto fail = [&](const std::string& message, const diag::Span& span) {
      session.problems.stop("compose.invalid-yaml", "yaml: " + message, span);
    };
    if (!named && stream.documents.empty() && !stream.errors.empty()) {
      const doc::YamlError& error = stream.errors.front();
      if (!error.in_construction) {
        fail(error.message, error.span);
      }
      if (!error.root_duplicates.empty()) {
        fail("construct errors:\n  " + error.root_duplicates, error.span);
      }
    }
    if (!named && !stream.documents.empty()) {
      check_named(stream.documents.front().root, session.sources, fail);
    }
    for (std::size_t i = 0; i < stream.documents.size(); ++i) {
      if (std::optional<std::string> name = name_of(stream.documents[i].root, session.sources)) {
        named = named || i == 0;
        names.push_back(std::move(*name));
      }
    }
  }
  return named;
}

std::string name_of_directory(const Discovery& discovery, Session& session) {
  const std::string base = util::base_name(discovery.working_dir);
  if (const std::optional<std::string> target = session.files.read_link(discovery.working_dir)) {
    if (util::base_name(*target) != base) {
      session.problems.warning("compose.symlinked-directory",
                               "project has been loaded without an explicit "
                               "name from a symlink. Using name " +
                                   quoted(base));
    }
  }
  return normalize_project_name(base);
}

}  // namespace

std::string normalize_project_name(std::string_view name) {
  std::string out;
  for (const char c : util::to_lower(name)) {
    if (util::is_alnum(c) || ((c == '_' || c == '-') && !out.empty())) {
      out += c;
    }
  }
  return out;
}

Discovery discover(Session& session) {
  return Discoverer(session).run();
}

std::optional<diag::Diagnostic> check_project_name(std::string_view name) {
  const std::string normal = normalize_project_name(name);
  if (normal == name) {
    return std::nullopt;
  }
  return diag::Diagnostic{diag::Severity::error,
                          "compose.invalid-project-name",
                          "invalid project name " + quoted(name) +
                              ": must consist only of lowercase alphanumeric characters, "
                              "hyphens, and underscores as well as "
                              "start with a letter or number",
                          std::nullopt,
                          {},
                          normal.empty() ? std::string() : "use " + quoted(normal)};
}

std::string project_name(Discovery& discovery, Session& session) {
  std::string given = session.request.project_name.value_or("");
  const auto checked = [&](const std::string& name) {
    if (std::optional<diag::Diagnostic> wrong = check_project_name(name)) {
      session.problems.report(std::move(*wrong));
      throw Stop{};
    }
    return name;
  };
  if (!given.empty()) {
    return checked(given);
  }
  std::vector<std::string> names;
  const bool named = named_in_files(discovery, session, names);
  if (const auto at = discovery.environment.find("COMPOSE_PROJECT_NAME");
      at != discovery.environment.end() && !at->second.empty()) {
    return checked(at->second);
  }
  std::string name = named ? std::string() : name_of_directory(discovery, session);
  if (!names.empty()) {
    std::string last = names.back();
    if (session.request.interpolate) {
      last = interpolate_text(last, "name", discovery.environment, session.problems);
    }
    last = session.request.normalize ? normalize_project_name(last) : last;
    name = last.empty() ? name : last;
  }
  return name;
}

}  // namespace compose
