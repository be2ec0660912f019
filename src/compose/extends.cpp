#include <algorithm>
#include <string_view>
#include <utility>

#include "compose/go_text.hpp"
#include "compose/loader.hpp"
#include "compose/merge.hpp"
#include "compose/remote.hpp"
#include "compose/rules.hpp"
#include "util/file_path.hpp"

namespace compose {
namespace {

// The services of one file, found by name.
struct ServiceTable {
  doc::Mapping* services = nullptr;
  std::unordered_map<std::string_view, std::size_t> index;
  const Resets* resets = nullptr;
  std::string file;  // as messages call it

  void index_services() {
    for (std::size_t i = 0; i < services->entries.size(); ++i) {
      index.emplace(services->entries[i].key.value, i);
    }
  }

  [[nodiscard]] doc::Node* find(std::string_view name) {
    const auto at = index.find(name);
    return at == index.end() ? nullptr : &services->entries[at->second].value;
  }
};

// An extended file and the table over it.
struct LoadedBase {
  ExtendedFile file;
  ServiceTable table;
};

struct Visit {
  std::string file;
  std::string service;
  friend bool operator==(const Visit&, const Visit&) = default;
};

using Trail = std::vector<Visit>;

constexpr std::size_t kMaxExtendsDepth = 1000;

class Extender {
 public:
  // `file` is the document's. Messages name it also for services of extended files that name no
  // file themselves.
  Extender(const std::string& file, const Scope& scope, Session& session)
      : file_(file),
        scope_(scope),
        session_(session),
        place_(below(below(document_place(), "services"), "x")) {}

  // Makes the service whole, in its place, and returns it; null when there is nothing.
  doc::Node* resolve(const std::string& name, ServiceTable& table) {
    doc::Node* service = table.find(name);
    if (service == nullptr || service->is_null()) {
      return nullptr;
    }
    if (service->as_mapping() == nullptr) {
      session_.problems.stop(
          "compose.not-a-mapping", "services." + name + " must be a mapping", known(service->span));
    }
    const doc::Node* extends = service->find("extends");
    if (extends == nullptr) {
      return service;
    }
    const Reference reference = read_reference(name, *extends);
    ServiceTable* base_table = &table;
    if (reference.file) {
      base_table = &load(name, reference);
    } else if (table.find(reference.service) == nullptr) {
      not_found(name, reference, "");
    }
    follow(Visit{reference.file.value_or(file_), name}, reference.span);
    const doc::Node* base = resolve(reference.service, *base_table);
    trail_.pop_back();
    // The base's own recursion may have replaced nodes, never moved services: the pointer still
    // holds.
    if (base != nullptr) {
      lay_over(*base, *service, name, table);
    }
    return service;
  }

 private:
  // `service` becomes what it says over its base. Apart, so that a long chain needs little stack.
  [[gnu::noinline]] void lay_over(const doc::Node& base,
                                  doc::Node& service,
                                  const std::string& name,
                                  const ServiceTable& table) {
    doc::Node merged = base;
    apply_resets(merged, "services", name, *table.resets);
    Path path;
    path.push(std::string_view("services"));
    path.push(std::string_view("x"));
    merge(merged, std::move(service), place_, path, session_.problems);
    merged.as_mapping()->erase("extends");
    service = std::move(merged);
  }

  struct Reference {
    std::string service;
    std::optional<std::string> file;
    diag::Span span;
  };

  Reference read_reference(const std::string& name, const doc::Node& extends) {
    Reference out;
    out.span = extends.span;
    if (const std::string* text = extends.as_string()) {
      out.service = *text;
    } else if (extends.as_mapping() != nullptr) {
      const doc::Node* service = extends.find("service");
      if (service == nullptr || service->as_string() == nullptr) {
        session_.problems.stop(
            "compose.missing-key", "extends." + name + ".service is required", known(extends.span));
      }
      out.service = *service->as_string();
      out.span = service->span;
      if (const doc::Node* file = extends.find("file"); file != nullptr && !file->is_null()) {
        out.file = plain_text(*file);
      }
    }
    return out;
  }

  [[noreturn]] void not_found(const std::string& name,
                              const Reference& reference,
                              const std::string& where) {
    session_.problems.stop("compose.unknown-service",
                           "cannot extend service " + quoted(name) + " in " + file_ + ": service " +
                               quoted(reference.service) + " not found" + where,
                           known(reference.span));
  }

  // One step further along the bases; stops when it leads to where it has been.
  void follow(Visit visit, const diag::Span& span) {
    const bool seen = std::find(trail_.begin(), trail_.end(), visit) != trail_.end();
    trail_.push_back(std::move(visit));
    if (seen) {
      std::string text =
          "Circular reference:\n  " + trail_.front().service + " in " + trail_.front().file;
      for (std::size_t i = 1; i < trail_.size(); ++i) {
        text += "\n  extends " + trail_[i].service + " in " + trail_[i].file;
      }
      session_.problems.stop("compose.circular-extends", text, known(span));
    }
    if (trail_.size() > kMaxExtendsDepth) {
      session_.problems.stop(
          "compose.too-large", "more than 1000 services extend each other in a row", known(span));
    }
  }

  ServiceTable& load(const std::string& name, const Reference& reference) {
    refuse_remote_file("extends", *reference.file, session_.problems, known(reference.span));
    const std::string path = util::absolute_path(scope_.lookup_dir, *reference.file);
    std::unique_ptr<LoadedBase>& slot = loaded_[path];
    if (slot == nullptr) {
      const std::string directory =
          util::relative_path(scope_.lookup_dir, directory_of(path, *reference.file));
      slot = std::make_unique<LoadedBase>();
      slot->file = load_extended_file(path, directory, scope_, session_);
    }
    LoadedBase& base = *slot;
    if (base.table.services == nullptr) {
      const std::string prefix = "cannot extend service " + quoted(name) + " in " + path + ": ";
      doc::Node* services = base.file.root.find("services");
      if (services == nullptr) {
        session_.problems.stop(
            "compose.missing-key", prefix + "no services section", known(reference.span));
      }
      if (services->as_mapping() == nullptr) {
        session_.problems.stop(
            "compose.not-a-mapping", prefix + "services must be a mapping", known(services->span));
      }
      base.table.services = services->as_mapping();
      base.table.resets = &base.file.resets;
      base.table.index_services();
    }
    if (base.table.find(reference.service) == nullptr) {
      not_found(name, reference, " in " + *reference.file);
    }
    return base.table;
  }

  [[nodiscard]] std::string directory_of(const std::string& path,
                                         const std::string& written) const {
    const util::Result<util::FileKind, util::FileError> kind = session_.files.stat(path);
    if (kind && *kind == util::FileKind::directory) {
      return path;
    }
    return util::absolute_path(scope_.lookup_dir, util::parent_path(written));
  }

  const std::string& file_;
  const Scope& scope_;
  Session& session_;
  const Place* place_;
  std::map<std::string, std::unique_ptr<LoadedBase>> loaded_;
  Trail trail_;
};

}  // namespace

void apply_extends(doc::Node& document,
                   const Resets& resets,
                   const std::string& file,
                   const Scope& scope,
                   Session& session) {
  doc::Node* services = document.find("services");
  if (services == nullptr) {
    return;
  }
  if (services->as_mapping() == nullptr) {
    session.problems.stop(
        "compose.not-a-mapping", "services must be a mapping", known(services->span));
  }
  const std::vector<doc::Entry>& entries = services->as_mapping()->entries;
  const auto extending = [](const doc::Entry& entry) {
    return entry.value.find("extends") != nullptr ||
           (entry.value.as_mapping() == nullptr && !entry.value.is_null());
  };
  if (std::none_of(entries.begin(), entries.end(), extending)) {
    return;
  }
  ServiceTable table;
  table.services = services->as_mapping();
  table.resets = &resets;
  table.index_services();
  Extender extender(file, scope, session);
  for (const doc::Entry& entry : entries) {
    extender.resolve(entry.key.value, table);
  }
}

}  // namespace compose
