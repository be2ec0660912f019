#include "compose/env_file.hpp"

#include <algorithm>
#include <cerrno>
#include <utility>

#include "compose/dotenv.hpp"
#include "compose/go_text.hpp"

namespace compose {
namespace {

std::function<void(std::string_view)> warner(Session& session, std::optional<diag::Span> place) {
  return [&session, place](std::string_view name) {
    session.problems.warning(
        "compose.variable-not-set",
        "The " + quoted(name) + " variable is not set. Defaulting to a blank string.",
        place);
  };
}

const std::string* lookup(const Environment& environment, std::string_view name) {
  const auto at = environment.find(name);
  return at == environment.end() ? nullptr : &at->second;
}

// One file into `variables`; stops when it cannot be read.
void read_one(const std::string& path,
              const std::string& format,
              const DotenvSource& source,
              Environment& variables,
              Session& session,
              std::optional<diag::Span> place) {
  if (!format.empty() && format != ".env" && format != "raw") {
    session.problems.stop(
        "compose.invalid-value", "unsupported env_file format " + quoted(format), place);
  }
  const util::Result<std::string, util::FileError> text = session.files.read(path);
  if (!text) {
    const std::string reason = read_failure(path, text.error());
    session.problems.stop(
        "compose.unreadable-file",
        text.error().code == EISDIR ? "failed to read " + path + ": " + reason : reason,
        place);
  }
  if (format == "raw") {
    return read_raw_env(*text, source, variables);
  }
  if (const util::Result<void, std::string> done = read_dotenv(*text, source, variables); !done) {
    session.problems.stop(
        "compose.invalid-env-file", "failed to read " + path + ": " + done.error(), place);
  }
}

template <class Visit>
void for_services(doc::Node& project, const Visit& visit) {
  doc::Node* services = project.find("services");
  doc::Mapping* mapping = services == nullptr ? nullptr : services->as_mapping();
  for (std::size_t i = 0; mapping != nullptr && i < mapping->entries.size(); ++i) {
    if (doc::Mapping* service = mapping->entries[i].value.as_mapping()) {
      visit(*service);
    }
  }
}

void missing_file(std::string_view what,
                  const std::string& path,
                  const util::FileError& error,
                  Session& session,
                  const diag::Span& span) {
  session.problems.stop(
      "compose.unreadable-file",
      std::string(what) + " " + path + " not found: stat " + path + ": " + error.message,
      known(span));
}

class ServiceEnvironment {
 public:
  ServiceEnvironment(doc::Mapping& service, const Environment& environment, Session& session)
      : service_(service), environment_(environment), session_(session) {}

  void resolve() {
    doc::Node* written = service_.find("environment");
    if (written != nullptr && written->as_mapping() != nullptr) {
      fill(*written->as_mapping());
    }
    const doc::Node* files = service_.find("env_file");
    if (files == nullptr || files->as_sequence() == nullptr) {
      return;
    }
    for (const doc::Node& file : files->as_sequence()->items) {
      read(file);
    }
    store(written);
  }

 private:
  void fill(doc::Mapping& written) {
    for (doc::Entry& entry : written.entries) {
      if (entry.value.is_null()) {
        if (const std::string* value = lookup(environment_, entry.key.value)) {
          entry.value.value = *value;
        }
      }
      if (const std::string* value = entry.value.as_string()) {
        variables_.emplace(entry.key.value, *value);
        own_.emplace(entry.key.value, *value);
      }
    }
  }

  void read(const doc::Node& file) {
    const doc::Node* path = file.find("path");
    const std::string name = path == nullptr ? std::string() : plain_text(*path);
    const util::Result<util::FileKind, util::FileError> kind = session_.files.stat(name);
    if (!kind && (kind.error().code == ENOENT || kind.error().code == ENOTDIR)) {
      const doc::Node* required = file.find("required");
      if (required == nullptr || (required->as_bool() != nullptr && *required->as_bool())) {
        missing_file(
            "env file", name, kind.error(), session_, path == nullptr ? file.span : path->span);
      }
      return;
    }
    const DotenvSource source{[this](std::string_view variable) -> std::optional<std::string> {
                                if (const std::string* value = lookup(environment_, variable)) {
                                  return *value;
                                }
                                const std::string* value = lookup(own_, variable);
                                return value == nullptr ? std::nullopt : std::optional(*value);
                              },
                              warner(session_, known(file.span))};
    const doc::Node* format = file.find("format");
    const Environment before = variables_;
    read_one(name,
             format == nullptr ? std::string() : plain_text(*format),
             source,
             variables_,
             session_,
             known(file.span));
    for (const auto& [key, value] : variables_) {
      const std::string* earlier = lookup(before, key);
      if (earlier == nullptr || *earlier != value) {
        places_.insert_or_assign(key, file.span);
      }
    }
  }

  // The files' variables below the written ones, which win, also where they are null.
  void store(doc::Node* written) {
    doc::Mapping merged;
    if (written != nullptr && written->as_mapping() != nullptr) {
      merged = std::move(*written->as_mapping());
    }
    const std::size_t own_count = merged.entries.size();
    for (const auto& [key, value] : variables_) {
      const auto own_end = merged.entries.begin() + static_cast<std::ptrdiff_t>(own_count);
      const auto at = std::lower_bound(
          merged.entries.begin(), own_end, key, [](const doc::Entry& e, const std::string& name) {
            return e.key.value < name;
          });
      if (at == own_end || at->key.value != key) {
        doc::Node node{value};
        node.span = places_[key];
        merged.entries.push_back({{key, node.span}, std::move(node)});
      }
    }
    std::inplace_merge(
        merged.entries.begin(),
        merged.entries.begin() + static_cast<std::ptrdiff_t>(own_count),
        merged.entries.end(),
        [](const doc::Entry& a, const doc::Entry& b) { return a.key.value < b.key.value; });
    if (!merged.entries.empty()) {
      service_.set("environment", doc::Node{std::move(merged)});
    }
  }

  doc::Mapping& service_;
  const Environment& environment_;
  Session& session_;
  Environment own_;
  Environment variables_;
  std::map<std::string, diag::Span> places_;
};

void resolve_labels(doc::Mapping& service, Session& session) {
  const doc::Node* files = service.find("label_file");
  if (files == nullptr || files->as_sequence() == nullptr) {
    return;
  }
  Environment labels;
  std::map<std::string, diag::Span> places;
  for (const doc::Node& file : files->as_sequence()->items) {
    const std::string path = plain_text(file);
    const util::Result<util::FileKind, util::FileError> kind = session.files.stat(path);
    if (!kind && (kind.error().code == ENOENT || kind.error().code == ENOTDIR)) {
      missing_file("label file", path, kind.error(), session, file.span);
    }
    const DotenvSource source{[&labels](std::string_view name) -> std::optional<std::string> {
                                const std::string* value = lookup(labels, name);
                                return value == nullptr ? std::nullopt : std::optional(*value);
                              },
                              warner(session, known(file.span))};
    Environment read;
    read_one(path, "", source, read, session, known(file.span));
    for (auto& [key, value] : read) {
      labels.insert_or_assign(key, value);
      places.insert_or_assign(key, file.span);
    }
  }
  doc::Mapping merged;
  if (doc::Node* written = service.find("labels");
      written != nullptr && written->as_mapping() != nullptr) {
    merged = std::move(*written->as_mapping());
  }
  for (const auto& [key, value] : labels) {
    if (merged.find(key) == nullptr) {
      doc::Node node{value};
      node.span = places[key];
      merged.entries.push_back({{key, node.span}, std::move(node)});
    }
  }
  std::stable_sort(
      merged.entries.begin(), merged.entries.end(), [](const doc::Entry& a, const doc::Entry& b) {
        return a.key.value < b.key.value;
      });
  if (!merged.entries.empty()) {
    service.set("labels", doc::Node{std::move(merged)});
  }
}

}  // namespace

Environment read_env_files(const std::vector<std::string>& paths,
                           const Environment& current,
                           Session& session,
                           std::optional<diag::Span> asked_at) {
  Environment out;
  for (const std::string& path : paths) {
    const util::Result<util::FileKind, util::FileError> kind = session.files.stat(path);
    if (!kind) {
      const bool missing = kind.error().code == ENOENT || kind.error().code == ENOTDIR;
      session.problems.stop("compose.unreadable-file",
                            missing ? "couldn't find env file: " + path
                                    : "stat " + path + ": " + kind.error().message,
                            asked_at);
    }
    if (*kind == util::FileKind::directory) {
      session.problems.stop("compose.unreadable-file", path + " is a directory", asked_at);
    }
    const DotenvSource source{[&](std::string_view name) -> std::optional<std::string> {
                                if (const std::string* value = lookup(current, name)) {
                                  return *value;
                                }
                                const std::string* value = lookup(out, name);
                                return value == nullptr ? std::nullopt : std::optional(*value);
                              },
                              warner(session, asked_at)};
    read_one(path, "", source, out, session, asked_at);
  }
  return out;
}

void resolve_env_files(doc::Node& project, const Environment& environment, Session& session) {
  for_services(project, [&](doc::Mapping& service) {
    ServiceEnvironment(service, environment, session).resolve();
    service.erase("env_file");
  });
}

void resolve_label_files(doc::Node& project, Session& session) {
  for_services(project, [&](doc::Mapping& service) {
    resolve_labels(service, session);
    service.erase("label_file");
  });
}

}  // namespace compose
