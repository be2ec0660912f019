#include <algorithm>
#include <cerrno>
#include <utility>

#include "compose/env_file.hpp"
#include "compose/go_text.hpp"
#include "compose/loader.hpp"
#include "compose/merge.hpp"
#include "compose/remote.hpp"
#include "compose/rules.hpp"
#include "util/file_path.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

constexpr std::size_t kMaxIncludeDepth = 100;

struct Inclusion {
  std::vector<std::string> paths;
  std::string project_directory;
  std::vector<std::string> env_files;
  diag::Span span;
};

class IncludeReader {
 public:
  explicit IncludeReader(Problems& problems) : problems_(problems) {}

  std::vector<Inclusion> read(const doc::Node& include) {
    std::vector<Inclusion> out;
    if (include.is_null()) {
      return out;
    }
    const doc::Sequence* items = include.as_sequence();
    if (items == nullptr) {
      problems_.stop("compose.wrong-type",
                     "`include` must be a list, got " + formatted_text(include),
                     known(include.span));
    }
    for (std::size_t i = 0; i < items->items.size(); ++i) {
      out.push_back(item(items->items[i], "[" + std::to_string(i) + "]"));
    }
    if (!faults_.empty()) {
      problems_.stop("compose.invalid-value",
                     "decoding failed due to the following error(s):\n" + faults_,
                     known(first_fault_));
    }
    return out;
  }

 private:
  void fail(const std::string& where, const std::string& reason, const doc::Node& node) {
    first_fault_ = faults_.empty() ? node.span : first_fault_;
    faults_ += "\n'" + where + "' " + reason;
  }

  Inclusion item(const doc::Node& node, const std::string& where) {
    Inclusion out;
    out.span = node.span;
    if (const std::string* path = node.as_string()) {
      out.paths.push_back(*path);
      return out;
    }
    if (node.is_null()) {
      return out;
    }
    if (node.as_mapping() == nullptr) {
      fail(where, "expected a map or struct, got \"" + std::string(kind_name(node)) + "\"", node);
      return out;
    }
    out.paths = texts(node.find("path"), where + ".path");
    out.env_files = texts(node.find("env_file"), where + ".env_file");
    if (const doc::Node* directory = node.find("project_directory");
        directory != nullptr && !directory->is_null()) {
      if (directory->as_string() == nullptr && directory->as_int() == nullptr) {
        fail(where + ".project_directory",
             "expected type 'string', got unconvertible type '" +
                 std::string(type_name(*directory)) + "'",
             *directory);
      }
      out.project_directory = plain_text(*directory);
    }
    return out;
  }

  std::vector<std::string> texts(const doc::Node* node, const std::string& where) {
    if (node == nullptr || node->is_null()) {
      return {};
    }
    if (const std::string* text = node->as_string()) {
      return {*text};
    }
    const doc::Sequence* list = node->as_sequence();
    if (list == nullptr) {
      fail(where, "invalid type " + std::string(type_name(*node)) + " for string list", *node);
      return {};
    }
    std::vector<std::string> out;
    for (const doc::Node& each : list->items) {
      if (each.as_string() == nullptr) {
        fail(where, "invalid type []interface {} for string list", each);
        return {};
      }
      out.push_back(*each.as_string());
    }
    return out;
  }

  Problems& problems_;
  std::string faults_;
  diag::Span first_fault_;
};

class Includer {
 public:
  Includer(const Scope& scope, const std::vector<std::string>& included, Session& session)
      : scope_(scope), included_(included), session_(session) {}

  doc::Node load(Inclusion inclusion) {
    if (included_.size() > kMaxIncludeDepth) {
      session_.problems.stop("compose.include-depth",
                             "include nested more than 100 files deep",
                             known(inclusion.span));
    }
    Scope inner;
    place(inclusion, inner);
    Environment environment = *scope_.environment;
    const Environment more =
        read_env_files(env_files(inclusion, inner), environment, session_, known(inclusion.span));
    environment.insert(more.begin(), more.end());
    inner.environment = &environment;
    std::vector<SourceFile> files;
    for (const std::string& path : inclusion.paths) {
      files.push_back(read_file(path, session_, known(inclusion.span)));
    }
    return load_files(std::move(files), inner, included_, session_);
  }

 private:
  // Makes the paths absolute and finds the directory of the included project.
  void place(Inclusion& inclusion, Scope& inner) {
    for (std::size_t i = 0; i < inclusion.paths.size(); ++i) {
      std::string& path = inclusion.paths[i];
      refuse_remote_file("include", path, session_.problems, known(inclusion.span));
      path = util::absolute_path(scope_.lookup_dir, path);
      if (i > 0) {
        continue;
      }
      if (inclusion.project_directory.empty()) {
        inner.lookup_dir = util::parent_path(path);
        inner.working_dir = util::relative_path(scope_.lookup_dir, directory_of(path));
      } else {
        const std::string given =
            util::absolute_path(scope_.lookup_dir, inclusion.project_directory);
        inner.lookup_dir = given;
        inner.working_dir = util::is_absolute_path(inclusion.project_directory)
                                ? inclusion.project_directory
                                : util::relative_path(scope_.lookup_dir, directory_of(given));
      }
      check_cycle(path, inclusion.span);
    }
  }

  [[nodiscard]] std::string directory_of(const std::string& path) const {
    const util::Result<util::FileKind, util::FileError> kind = session_.files.stat(path);
    return kind && *kind == util::FileKind::directory ? path : util::parent_path(path);
  }

  void check_cycle(const std::string& path, const diag::Span& span) {
    if (std::find(included_.begin(), included_.end(), path) == included_.end()) {
      return;
    }
    std::vector<std::string> others(included_.begin() + 1, included_.end());
    others.push_back(path);
    session_.problems.stop("compose.include-cycle",
                           "include cycle detected:\n" + included_.front() + "\n include " +
                               util::join(others, "\n include "),
                           known(span));
  }

  std::vector<std::string> env_files(const Inclusion& inclusion, const Scope& inner) {
    if (inclusion.env_files.empty()) {
      const std::string path = util::join_path(inner.lookup_dir, ".env");
      const util::Result<util::FileKind, util::FileError> kind = session_.files.stat(path);
      return kind && *kind != util::FileKind::directory ? std::vector<std::string>{path}
                                                        : std::vector<std::string>{};
    }
    std::vector<std::string> out;
    for (const std::string& file : inclusion.env_files) {
      if (file == "/dev/null") {
        continue;
      }
      if (util::is_absolute_path(file)) {
        out.push_back(file);
        continue;
      }
      const std::string path = util::join_path(scope_.lookup_dir, file);
      const util::Result<util::FileKind, util::FileError> kind = session_.files.stat(path);
      if (!kind) {
        session_.problems.stop("compose.unreadable-file",
                               "stat " + path + ": " + kind.error().message,
                               known(inclusion.span));
      }
      if (*kind == util::FileKind::directory) {
        session_.problems.stop(
            "compose.unreadable-file", path + " is not a file", known(inclusion.span));
      }
      out.push_back(path);
    }
    return out;
  }

  const Scope& scope_;
  const std::vector<std::string>& included_;
  Session& session_;
};

// What both define is merged, the including document over the included one.
void import_section(doc::Node& from,
                    doc::Node& to,
                    std::string_view section,
                    const Resets& resets,
                    Problems& problems) {
  doc::Node* source = from.find(section);
  if (source == nullptr || source->as_mapping() == nullptr) {
    return;
  }
  doc::Node* target = to.find(section);
  if (target == nullptr || target->is_null()) {
    target = &to.as_mapping()->set(section, doc::Node{doc::Mapping{}});
    target->span = source->span;
  }
  doc::Mapping* resources = target->as_mapping();
  if (resources == nullptr) {
    problems.stop(
        "compose.not-a-mapping", std::string(section) + " must be a mapping", known(target->span));
  }
  for (doc::Entry& entry : source->as_mapping()->entries) {
    doc::Node* own = resources->find(entry.key.value);
    if (own == nullptr) {
      resources->entries.push_back(std::move(entry));
      continue;
    }
    apply_resets(entry.value, section, entry.key.value, resets);
    Path path;
    path.push(section);
    path.push(std::string_view(entry.key.value));
    merge(entry.value,
          std::move(*own),
          below(below(document_place(), section), entry.key.value),
          path,
          problems);
    *own = std::move(entry.value);
  }
}

}  // namespace

void apply_include(doc::Node& document,
                   const Resets& resets,
                   const Scope& scope,
                   const std::vector<std::string>& included,
                   Session& session) {
  const doc::Node* include = document.find("include");
  if (include == nullptr) {
    return;
  }
  for (Inclusion& inclusion : IncludeReader(session.problems).read(*include)) {
    doc::Node imported = Includer(scope, included, session).load(std::move(inclusion));
    for (const std::string_view section :
         {"services", "volumes", "networks", "secrets", "configs", "models"}) {
      import_section(imported, document, section, resets, session.problems);
    }
  }
  document.as_mapping()->erase("include");
}

}  // namespace compose
