#include <algorithm>
#include <cerrno>
#include <utility>

#include "compose/canonical.hpp"
#include "compose/defaults.hpp"
#include "compose/interpolate.hpp"
#include "compose/loader.hpp"
#include "compose/merge.hpp"
#include "compose/normalize.hpp"
#include "compose/resolve_paths.hpp"
#include "compose/schema.hpp"
#include "compose/unicity.hpp"
#include "doc/yaml_reader.hpp"
#include "util/file_path.hpp"

namespace compose {
namespace {

constexpr std::size_t kMaxFiles = 5000;
constexpr std::size_t kMaxFileSize = std::size_t{32} << 20U;

std::optional<std::string> home_of(const Session& session) {
  const auto at = session.request.environment.find("HOME");
  return at == session.request.environment.end() ? std::nullopt : std::optional(at->second);
}

// Nobody looks at this key any more; people keep writing it.
void drop_version(doc::Node& root, const std::string& file, Session& session) {
  const doc::Node* version = root.find("version");
  if (version == nullptr) {
    return;
  }
  if (session.warned_of_version.insert(file).second) {
    session.problems.warning(
        "compose.obsolete-version",
        file +
            ": the attribute `version` is obsolete, it will be ignored, please remove it to avoid "
            "potential confusion",
        known(version->span));
  }
  root.as_mapping()->erase("version");
}

void merge_document(doc::Node& model,
                    Document document,
                    const std::string& file,
                    const Scope& scope,
                    std::vector<std::string>& included,
                    Session& session) {
  if (session.request.interpolate) {
    interpolate(document.root, *scope.environment, session.problems);
  }
  included.push_back(file);
  apply_include(document.root, document.resets, scope, included, session);
  apply_resets(model, document.resets);
  apply_extends(document.root, document.resets, file, scope, session);
  merge_documents(model, std::move(document.root), session.problems);
  enforce_unicity(model, session.problems);
  if (session.request.validate_schema) {
    validate_schema(model, file, session.problems);
  }
  drop_version(model, file, session);
  make_canonical(model, !session.request.interpolate, session.problems);
  enforce_unicity(model, session.problems);
}

}  // namespace

std::string read_failure(const std::string& path, const util::FileError& error) {
  return (error.code == EISDIR ? "read " : "open ") + path + ": " + error.message;
}

SourceFile read_file(const std::string& path,
                     Session& session,
                     std::optional<diag::Span> asked_at) {
  util::Result<std::string, util::FileError> text = session.files.read(path);
  if (!text) {
    session.problems.stop("compose.unreadable-file", read_failure(path, text.error()), asked_at);
  }
  // Includes of includes can multiply without a circle, and a tree takes many times the room of its
  // text.
  if (++session.files_read > kMaxFiles) {
    session.problems.stop("compose.too-large", "the project reads more than 5000 files", asked_at);
  }
  if (text->size() > kMaxFileSize) {
    session.problems.stop("compose.too-large", path + " is larger than 32 MiB", asked_at);
  }
  return {path, std::move(*text)};
}

void parse(SourceFile& file, Session& session) {
  if (!file.stream) {
    const diag::FileId id = session.sources.add(file.name, std::move(file.text));
    file.stream = doc::read_yaml(session.sources.text(id),
                                 id,
                                 doc::YamlTags::compose,
                                 doc::kMostYamlNodes - session.nodes_read);
    session.nodes_read += std::min(file.stream->nodes, doc::kMostYamlNodes - session.nodes_read);
  }
}

void for_each_document(SourceFile file,
                       Session& session,
                       const std::function<void(Document)>& take) {
  parse(file, session);
  doc::YamlStream& stream = *file.stream;
  for (doc::YamlDocument& document : stream.documents) {
    take(take_document(std::move(document), session.problems));
  }
  if (!stream.errors.empty()) {
    const doc::YamlError& error = stream.errors.front();
    session.problems.stop("compose.invalid-yaml",
                          "failed to parse " + file.name + ": yaml: " + error.message,
                          known(error.span));
  }
}

doc::Node load_files(std::vector<SourceFile> files,
                     const Scope& scope,
                     const std::vector<std::string>& included_from,
                     Session& session) {
  doc::Node model{doc::Mapping{}};
  for (SourceFile& file : files) {
    std::vector<std::string> included = included_from;
    const std::string name = file.name;
    for_each_document(std::move(file), session, [&](Document document) {
      merge_document(model, std::move(document), name, scope, included, session);
    });
  }
  set_defaults(model, session.problems);
  check_resources(model, session.problems);
  session.problems.stop_if_failed();
  if (session.request.resolve_paths || !included_from.empty()) {
    resolve_paths(model, {scope.working_dir, home_of(session), &session.files}, session.problems);
  }
  resolve_listed_variables(model, *scope.environment);
  return model;
}

ExtendedFile load_extended_file(const std::string& path,
                                const std::string& directory,
                                const Scope& scope,
                                Session& session) {
  ExtendedFile out;
  out.root = doc::Node{doc::Mapping{}};
  for_each_document(read_file(path, session), session, [&](Document document) {
    if (session.request.interpolate) {
      interpolate(document.root, *scope.environment, session.problems);
    }
    apply_resets(out.root, document.resets);
    merge_documents(out.root, std::move(document.root), session.problems);
    enforce_unicity(out.root, session.problems);
    make_canonical(out.root, !session.request.interpolate, session.problems);
    enforce_unicity(out.root, session.problems);
    out.resets = std::move(document.resets);
  });
  resolve_paths(out.root, {directory, home_of(session), &session.files}, session.problems);
  return out;
}

}  // namespace compose
