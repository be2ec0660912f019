#include "compose/normalize.hpp"

#include <array>
#include <utility>

#include "compose/go_text.hpp"
#include "util/file_path.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

const std::string* variable(const Environment& environment, std::string_view name) {
  const auto at = environment.find(name);
  return at == environment.end() ? nullptr : &at->second;
}

doc::Mapping* section(doc::Node& root, std::string_view name) {
  doc::Node* node = root.find(name);
  return node == nullptr ? nullptr : node->as_mapping();
}

doc::Node placed_at(doc::Node node, const diag::Span& span) {
  node.span = span;
  return node;
}

void put_at(doc::Mapping& mapping, std::string_view key, doc::Node value, const diag::Span& span) {
  if (doc::Node* existing = mapping.find(key)) {
    *existing = std::move(value);
  } else {
    mapping.entries.push_back({{std::string(key), span}, std::move(value)});
  }
}

// Values for the entries of `environment` or `build.args` that have none.
void fill_variables(doc::Node& node, const Environment& environment, bool keep_unknown) {
  if (doc::Mapping* mapping = node.as_mapping()) {
    for (doc::Entry& entry : mapping->entries) {
      if (const std::string* value =
              entry.value.is_null() ? variable(environment, entry.key.value) : nullptr) {
        entry.value = placed_at(doc::Node{*value}, entry.key.span);
      }
    }
    if (!keep_unknown) {
      std::erase_if(mapping->entries,
                    [](const doc::Entry& entry) { return entry.value.is_null(); });
    }
  } else if (doc::Sequence* sequence = node.as_sequence()) {
    std::erase_if(sequence->items, [&](doc::Node& item) {
      std::string* text = item.as_string();
      if (text == nullptr || text->find('=') != std::string::npos) {
        return text == nullptr;
      }
      if (const std::string* value = variable(environment, *text)) {
        *text += "=" + *value;
        return false;
      }
      return !keep_unknown;
    });
  }
}

class Normaliser {
 public:
  Normaliser(doc::Node& root, const std::string& project_name, const Environment& environment)
      : root_(root), project_name_(project_name), environment_(environment) {}

  void run() {
    root_.as_mapping()->set("name", doc::Node{project_name_});
    networks();
    if (doc::Mapping* services = section(root_, "services")) {
      for (doc::Entry& entry : services->entries) {
        if (entry.value.as_mapping() != nullptr) {
          service(entry);
        }
      }
    }
    for (const std::string_view kind : {"networks", "volumes", "configs", "secrets"}) {
      if (doc::Mapping* resources = section(root_, kind)) {
        names(*resources);
      }
    }
  }

 private:
  void networks() {
    bool uses_default = false;
    if (doc::Mapping* services = section(root_, "services")) {
      for (doc::Entry& entry : services->entries) {
        uses_default = uses_default_network(entry) || uses_default;
      }
    }
    doc::Node* networks = root_.find("networks");
    if (uses_default && networks == nullptr) {
      networks = &root_.as_mapping()->set("networks", doc::Node{doc::Mapping{}});
    }
    if (uses_default && networks->as_mapping() != nullptr && networks->find("default") == nullptr) {
      networks->as_mapping()->set("default", doc::Node{});
    }
  }

  static bool uses_default_network(doc::Entry& entry) {
    doc::Mapping* service = entry.value.as_mapping();
    if (service == nullptr || service->find("provider") != nullptr ||
        service->find("network_mode") != nullptr) {
      return false;
    }
    const doc::Node* networks = service->find("networks");
    const doc::Mapping* mapping = networks == nullptr ? nullptr : networks->as_mapping();
    if (mapping == nullptr || mapping->entries.empty()) {
      doc::Mapping implicit;
      implicit.entries.push_back(
          {{"default", entry.key.span}, placed_at(doc::Node{}, entry.key.span)});
      put_at(*service,
             "networks",
             placed_at(doc::Node{std::move(implicit)}, entry.key.span),
             entry.key.span);
      return true;
    }
    return mapping->find("default") != nullptr;
  }

  void service(doc::Entry& entry) {
    doc::Mapping& service = *entry.value.as_mapping();
    if (doc::Node* policy = service.find("pull_policy"); policy != nullptr &&
                                                         policy->as_string() != nullptr &&
                                                         *policy->as_string() == "if_not_present") {
      *policy->as_string() = "missing";
    }
    if (doc::Node* build = service.find("build");
        build != nullptr && build->as_mapping() != nullptr) {
      this->build(*build);
    }
    if (doc::Node* variables = service.find("environment")) {
      fill_variables(*variables, environment_, true);
    }
    volumes(service);
    dependencies(service);
    pre_start_image(service);
  }

  void build(doc::Node& build) {
    const auto missing = [&](std::string_view key) {
      const doc::Node* node = build.find(key);
      return node == nullptr || node->is_null();
    };
    doc::Mapping& mapping = *build.as_mapping();
    if (missing("context")) {
      put_at(mapping, "context", placed_at(doc::Node{"."}, build.span), build.span);
    }
    if (missing("dockerfile") && missing("dockerfile_inline")) {
      put_at(mapping, "dockerfile", placed_at(doc::Node{"Dockerfile"}, build.span), build.span);
    }
    if (doc::Node* args = mapping.find("args")) {
      fill_variables(*args, environment_, false);
    }
  }

  static void volumes(doc::Mapping& service) {
    doc::Node* volumes = service.find("volumes");
    doc::Sequence* items = volumes == nullptr ? nullptr : volumes->as_sequence();
    for (std::size_t i = 0; items != nullptr && i < items->items.size(); ++i) {
      doc::Node* target = items->items[i].find("target");
      if (target != nullptr && target->as_string() != nullptr) {
        *target->as_string() = util::clean_path(*target->as_string());
      }
    }
  }

  static void depend(doc::Mapping& dependencies,
                     const std::string& on,
                     bool restart,
                     const diag::Span& span) {
    if (dependencies.find(on) == nullptr) {
      doc::Node value = doc::map({{"condition", doc::Node{"service_started"}},
                                  {"restart", doc::Node{restart}},
                                  {"required", doc::Node{true}}});
      value.tag = kImplicitTag;
      dependencies.entries.push_back({{on, span}, placed_at(std::move(value), span)});
    }
  }

  static const doc::Sequence* list_of(const doc::Mapping& service, std::string_view key) {
    const doc::Node* node = service.find(key);
    return node == nullptr ? nullptr : node->as_sequence();
  }

  void dependencies(doc::Mapping& service) {
    doc::Mapping implied;
    if (const doc::Sequence* links = list_of(service, "links")) {
      for (const doc::Node& link : links->items) {
        const std::vector<std::string> parts = util::split(plain_text(link), ':');
        depend(implied, parts.size() == 2 ? parts[0] : plain_text(link), true, link.span);
      }
    }
    for (const std::string_view space : {"network_mode", "ipc", "pid", "uts", "cgroup"}) {
      const doc::Node* mode = service.find(space);
      if (mode != nullptr && mode->as_string() != nullptr &&
          mode->as_string()->starts_with("service:")) {
        depend(implied, mode->as_string()->substr(8), true, mode->span);
      }
    }
    if (const doc::Sequence* from = list_of(service, "volumes_from")) {
      for (const doc::Node& item : from->items) {
        const std::string text = plain_text(item);
        if (!text.starts_with("container:")) {
          depend(implied, text.substr(0, text.find(':')), false, item.span);
        }
      }
    }
    if (implied.entries.empty()) {
      return;
    }
    doc::Node* written = service.find("depends_on");
    if (written == nullptr || written->as_mapping() == nullptr) {
      const diag::Span first = implied.entries.front().key.span;
      put_at(service, "depends_on", doc::Node{std::move(implied)}, first);
      return;
    }
    for (doc::Entry& entry : implied.entries) {
      if (written->find(entry.key.value) == nullptr) {
        written->as_mapping()->entries.push_back(std::move(entry));
      }
    }
  }

  static void pre_start_image(doc::Mapping& service) {
    const doc::Node* image = service.find("image");
    doc::Node* hooks = service.find("pre_start");
    doc::Sequence* items = hooks == nullptr ? nullptr : hooks->as_sequence();
    if (items == nullptr || image == nullptr || image->as_string() == nullptr ||
        image->as_string()->empty()) {
      return;
    }
    for (doc::Node& hook : items->items) {
      if (hook.as_mapping() != nullptr && hook.find("image") == nullptr) {
        hook.as_mapping()->set("image", *image);
      }
    }
  }

  void names(doc::Mapping& resources) {
    for (doc::Entry& entry : resources.entries) {
      if (entry.value.is_null()) {
        entry.value.value = doc::Mapping{};
      }
      doc::Mapping* resource = entry.value.as_mapping();
      const doc::Node* name = resource == nullptr ? nullptr : resource->find("name");
      if (resource == nullptr || (name != nullptr && !name->is_null())) {
        continue;
      }
      const doc::Node* external = resource->find("external");
      const bool is_external =
          external != nullptr && read_bool(plain_text(*external)).value_or(false);
      put_at(*resource,
             "name",
             placed_at(
                 doc::Node{is_external ? entry.key.value : project_name_ + "_" + entry.key.value},
                 entry.key.span),
             entry.key.span);
    }
  }

  static constexpr std::string_view kImplicitTag = "!implicit";

  doc::Node& root_;
  const std::string& project_name_;
  const Environment& environment_;
};

void resolve_contents(doc::Node& root,
                      std::string_view kind,
                      std::string_view key,
                      const Environment& environment) {
  doc::Mapping* resources = section(root, kind);
  for (std::size_t i = 0; resources != nullptr && i < resources->entries.size(); ++i) {
    doc::Node& resource = resources->entries[i].value;
    const doc::Node* name = resource.find("environment");
    if (name == nullptr || name->as_string() == nullptr) {
      continue;
    }
    if (const std::string* value = variable(environment, *name->as_string())) {
      const diag::Span span = name->span;
      put_at(*resource.as_mapping(), key, placed_at(doc::Node{*value}, span), span);
    }
  }
}

}  // namespace

void resolve_listed_variables(doc::Node& root, const Environment& environment) {
  if (doc::Mapping* services = section(root, "services")) {
    for (doc::Entry& entry : services->entries) {
      doc::Node* variables = entry.value.find("environment");
      doc::Sequence* items = variables == nullptr ? nullptr : variables->as_sequence();
      for (std::size_t i = 0; items != nullptr && i < items->items.size(); ++i) {
        std::string* text = items->items[i].as_string();
        if (const std::string* value = text == nullptr ? nullptr : variable(environment, *text)) {
          *text += "=" + *value;
        }
      }
    }
  }
  resolve_contents(root, "secrets", kSecretContent, environment);
  resolve_contents(root, "configs", "content", environment);
}

void normalize(doc::Node& root, const std::string& project_name, const Environment& environment) {
  Normaliser(root, project_name, environment).run();
}

}  // namespace compose
