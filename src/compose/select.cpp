#include "compose/select.hpp"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <fnmatch.h>

#include "util/strings.hpp"

namespace compose {
namespace {

doc::Mapping& services_of(doc::Node& project) {
  return *project.find("services")->as_mapping();
}

template <class Visit>
void each_text(const doc::Node* list, const Visit& visit) {
  const doc::Sequence* items = list == nullptr ? nullptr : list->as_sequence();
  for (std::size_t i = 0; items != nullptr && i < items->items.size(); ++i) {
    if (const std::string* text = items->items[i].as_string()) {
      visit(*text);
    }
  }
}

bool in_profiles(const doc::Node& service, const std::vector<std::string>& profiles) {
  bool has_any = false;
  bool active = std::find(profiles.begin(), profiles.end(), "*") != profiles.end();
  each_text(service.find("profiles"), [&](const std::string& profile) {
    has_any = true;
    active = active || std::find(profiles.begin(), profiles.end(), profile) != profiles.end();
  });
  return active || !has_any;
}

void sort_by_name(doc::Mapping& mapping) {
  std::sort(mapping.entries.begin(),
            mapping.entries.end(),
            [](const doc::Entry& a, const doc::Entry& b) { return a.key.value < b.key.value; });
}

// Moves the entries that `stays` refuses from one mapping to the other.
template <class Stays>
void move_out(doc::Mapping& from, doc::Mapping& to, const Stays& stays) {
  const auto gone = std::stable_partition(from.entries.begin(), from.entries.end(), stays);
  std::move(gone, from.entries.end(), std::back_inserter(to.entries));
  from.entries.erase(gone, from.entries.end());
  sort_by_name(to);
}

class Selector {
 public:
  Selector(doc::Mapping& services, Problems& problems) : services_(services), problems_(problems) {}

  // Adds the services that match and everything they need.
  void add(const std::string& pattern, bool required) {
    bool matched = false;
    for (const doc::Entry& entry : services_.entries) {
      if (entry.key.value == pattern ||
          ::fnmatch(pattern.c_str(), entry.key.value.c_str(), FNM_PATHNAME) == 0) {
        matched = true;
        visit(entry);
      }
    }
    if (!matched && required) {
      std::vector<std::string> known;
      for (const doc::Entry& entry : services_.entries) {
        known.push_back(entry.key.value);
      }
      const std::optional<std::string> near = util::nearest(pattern, known);
      problems_.stop("compose.no-such-service",
                     "no such service: " + pattern,
                     std::nullopt,
                     near ? "did you mean `" + *near + "`?" : "");
    }
  }

  [[nodiscard]] const std::set<std::string>& chosen() const { return chosen_; }

 private:
  void visit(const doc::Entry& entry) {
    if (!chosen_.insert(entry.key.value).second) {
      return;
    }
    const doc::Node* node = entry.value.find("depends_on");
    const doc::Mapping* dependencies = node == nullptr ? nullptr : node->as_mapping();
    for (std::size_t i = 0; dependencies != nullptr && i < dependencies->entries.size(); ++i) {
      const doc::Entry& dependency = dependencies->entries[i];
      const doc::Node* required = dependency.value.find("required");
      add(dependency.key.value,
          required == nullptr || required->as_bool() == nullptr || *required->as_bool());
    }
  }

  doc::Mapping& services_;
  Problems& problems_;
  std::set<std::string> chosen_;
};

void prune_dependencies(doc::Entry& service, const std::set<std::string>& chosen) {
  doc::Node* node = service.value.find("depends_on");
  doc::Mapping* dependencies = node == nullptr ? nullptr : node->as_mapping();
  if (dependencies == nullptr) {
    return;
  }
  std::erase_if(dependencies->entries,
                [&](const doc::Entry& entry) { return !chosen.contains(entry.key.value); });
  if (dependencies->entries.empty()) {
    service.value.as_mapping()->erase("depends_on");
  }
}

using Names = std::set<std::string, std::less<>>;

void add_keys(Names& names, const doc::Node* mapping) {
  if (mapping != nullptr && mapping->as_mapping() != nullptr) {
    for (const doc::Entry& entry : mapping->as_mapping()->entries) {
      names.insert(entry.key.value);
    }
  }
}

void add_sources(Names& names, const doc::Node* list, bool only_volumes) {
  const doc::Sequence* items = list == nullptr ? nullptr : list->as_sequence();
  for (std::size_t i = 0; items != nullptr && i < items->items.size(); ++i) {
    const doc::Node* source = items->items[i].find("source");
    const doc::Node* type = items->items[i].find("type");
    const bool volume =
        type != nullptr && type->as_string() != nullptr && *type->as_string() == "volume";
    if (source != nullptr && source->as_string() != nullptr && (volume || !only_volumes)) {
      names.insert(*source->as_string());
    }
  }
}

void keep_only(doc::Node& project, std::string_view section, const Names& names) {
  doc::Node* node = project.find(section);
  if (node == nullptr || node->as_mapping() == nullptr) {
    return;
  }
  std::erase_if(node->as_mapping()->entries,
                [&](const doc::Entry& entry) { return !names.contains(entry.key.value); });
  if (node->as_mapping()->entries.empty()) {
    project.as_mapping()->erase(section);
  }
}

}  // namespace

doc::Node take_inactive_services(doc::Node& project, const std::vector<std::string>& profiles) {
  doc::Mapping inactive;
  move_out(services_of(project), inactive, [&](const doc::Entry& entry) {
    return in_profiles(entry.value, profiles);
  });
  return doc::Node{std::move(inactive)};
}

void select_services(doc::Node& project,
                     doc::Node& inactive,
                     const std::vector<std::string>& names,
                     const std::vector<std::string>& profiles,
                     Problems& problems) {
  doc::Mapping& services = services_of(project);
  doc::Mapping& others = *inactive.as_mapping();
  std::vector<std::string> wanted = profiles;
  for (const std::string& name : names) {
    if (const doc::Node* service = others.find(name)) {
      each_text(service->find("profiles"),
                [&](const std::string& profile) { wanted.push_back(profile); });
    }
  }
  move_out(
      others, services, [&](const doc::Entry& entry) { return !in_profiles(entry.value, wanted); });
  Selector selector(services, problems);
  for (const std::string& name : names) {
    selector.add(name, true);
  }
  move_out(services, others, [&](const doc::Entry& entry) {
    return selector.chosen().contains(entry.key.value);
  });
  for (doc::Entry& entry : services.entries) {
    prune_dependencies(entry, selector.chosen());
  }
}

void drop_unused_resources(doc::Node& project) {
  Names networks;
  Names volumes;
  Names secrets;
  Names configs;
  Names models;
  for (const doc::Entry& entry : services_of(project).entries) {
    add_keys(networks, entry.value.find("networks"));
    add_sources(volumes, entry.value.find("volumes"), true);
    add_sources(secrets, entry.value.find("secrets"), false);
    if (const doc::Node* build = entry.value.find("build")) {
      add_sources(secrets, build->find("secrets"), false);
    }
    add_sources(configs, entry.value.find("configs"), false);
    add_keys(models, entry.value.find("models"));
  }
  keep_only(project, "networks", networks);
  keep_only(project, "volumes", volumes);
  keep_only(project, "secrets", secrets);
  keep_only(project, "configs", configs);
  keep_only(project, "models", models);
}

}  // namespace compose
