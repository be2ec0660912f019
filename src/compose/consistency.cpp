#include "compose/consistency.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "compose/dependency_cycle.hpp"
#include "compose/go_text.hpp"
#include "compose/lookup.hpp"
#include "util/strings.hpp"

namespace compose {
namespace {

constexpr std::string_view kInvalid = ": invalid compose project";

class ConsistencyChecker {
 public:
  ConsistencyChecker(doc::Node& project, const doc::Node& disabled, Problems& problems)
      : project_(project),
        problems_(problems),
        services_(project, "services"),
        disabled_(disabled),
        networks_(project, "networks"),
        volumes_(project, "volumes"),
        secrets_(project, "secrets"),
        configs_(project, "configs"),
        models_(project, "models") {}

  void run() {
    doc::Node* services = project_.find("services");
    for (doc::Entry& entry : services->as_mapping()->entries) {
      name_ = &entry.key;
      service(entry.value);
    }
    problems_.stop_if_failed();
    secrets();
    problems_.stop_if_failed();
    check_cycles(project_, problems_);
    problems_.stop_if_failed();
  }

 private:
  [[nodiscard]] std::string name() const { return quoted(name_->value); }

  void fail(std::string_view code,
            std::string message,
            const diag::Span& span,
            std::string help = {}) {
    problems_.error(code,
                    std::move(message),
                    known(span.file.value == 0 ? name_->span : span),
                    std::move(help));
  }

  // For the first few faults only: comparing names takes time, and nobody reads a thousand
  // suggestions.
  std::optional<std::string> nearest(std::string_view target, const NameTable& among) {
    return suggestions_left_-- > 0 ? util::nearest(target, among.names()) : std::nullopt;
  }

  // A reference without a target, with the nearest name as help.
  void undefined(const std::string& what,
                 std::string_view target,
                 const NameTable& among,
                 const diag::Span& span) {
    const std::optional<std::string> near = nearest(target, among);
    fail("compose.undefined-reference",
         "service " + name() + " refers to undefined " + what + " " + std::string(target) +
             std::string(kInvalid),
         span,
         near ? "did you mean `" + *near + "`?" : "");
  }

  void service(doc::Node& service) {
    const bool has_build = service.find("build") != nullptr;
    if (!has_build && service.find("provider") == nullptr && text_at(service, "image").empty()) {
      fail("compose.no-image",
           "service " + name() + " has neither an image nor a build context specified" +
               std::string(kInvalid),
           name_->span);
    }
    if (has_build) {
      build(service, *service.find("build"));
    }
    networks(service);
    health_test(service);
    depends_on(service);
    mode(service);
    references(service);
    scale(service);
    limits(service);
    watch(service);
    mounts(service);
  }

  void build(const doc::Node& service, const doc::Node& build) {
    if (!text_at(build, "dockerfile").empty() && !text_at(build, "dockerfile_inline").empty()) {
      fail("compose.conflicting-attributes",
           "service " + name() + " declares mutualy exclusive dockerfile and dockerfile_inline" +
               std::string(kInvalid),
           build.span);
    }
    if (const doc::Mapping* contexts = mapping_at(build, "additional_contexts")) {
      for (const doc::Entry& entry : contexts->entries) {
        additional_context(entry);
      }
    }
    const doc::Sequence* platforms = sequence_at(build, "platforms");
    const std::string_view platform = text_at(service, "platform");
    if (platforms != nullptr && !platforms->items.empty() && !platform.empty() &&
        std::none_of(platforms->items.begin(), platforms->items.end(), [&](const doc::Node& each) {
          return plain_text(each) == platform;
        })) {
      fail("compose.conflicting-attributes",
           "service.build.platforms MUST include service.platform " + quoted(platform) +
               std::string(kInvalid),
           service.find("platform")->span);
    }
  }

  void additional_context(const doc::Entry& entry) {
    const std::string* text = entry.value.as_string();
    if (text == nullptr || !text->starts_with("service:")) {
      return;
    }
    const std::string target = text->substr(8);
    const doc::Node* service = services_.find(target);
    if (service != nullptr && service->find("build") != nullptr) {
      return;
    }
    fail("compose.undefined-reference",
         "service " + name() + " declares " + (service == nullptr ? "unknown" : "non-buildable") +
             " service " + quoted(target) + " as additional contexts " + entry.key.value,
         entry.value.span);
  }

  void networks(const doc::Node& service) {
    const doc::Mapping* networks = mapping_at(service, "networks");
    if (networks == nullptr || networks->entries.empty()) {
      return;
    }
    if (const doc::Node* mode = service.find("network_mode")) {
      fail("compose.conflicting-attributes",
           "service " + name_->value +
               " declares mutually exclusive `network_mode` and `networks`" + std::string(kInvalid),
           mode->span);
    }
    for (const doc::Entry& entry : networks->entries) {
      if (!networks_.contains(entry.key.value)) {
        undefined("network", entry.key.value, networks_, entry.key.span);
      }
    }
  }

  void health_test(const doc::Node& service) {
    const doc::Node* test = node_at(service, {"healthcheck", "test"});
    const doc::Sequence* words = test == nullptr ? nullptr : test->as_sequence();
    if (words == nullptr || words->items.empty()) {
      return;
    }
    const std::string first = plain_text(words->items.front());
    if (first != "CMD" && first != "CMD-SHELL" && first != "NONE") {
      fail("compose.invalid-value",
           R"(healthcheck.test must start either by "CMD", "CMD-SHELL" or "NONE")",
           words->items.front().span,
           "a command line is written as a string, or as a list that starts with \"CMD\"");
    }
  }

  void depends_on(const doc::Node& service) {
    const doc::Mapping* dependencies = mapping_at(service, "depends_on");
    for (std::size_t i = 0; dependencies != nullptr && i < dependencies->entries.size(); ++i) {
      const doc::Entry& entry = dependencies->entries[i];
      if (services_.contains(entry.key.value)) {
        continue;
      }
      const doc::Node* required = entry.value.find("required");
      const bool optional =
          required != nullptr && required->as_bool() != nullptr && !*required->as_bool();
      const bool inactive = disabled_.contains(entry.key.value);
      if (inactive && optional) {
        continue;
      }
      const std::optional<std::string> near = nearest(entry.key.value, services_);
      fail("compose.undefined-reference",
           "service " + name() + " depends on undefined service " + quoted(entry.key.value) +
               std::string(kInvalid),
           entry.key.span,
           inactive ? "it is in a profile that is not active"
           : near   ? "did you mean `" + *near + "`?"
                    : "");
    }
  }

  void mode(const doc::Node& service) {
    const std::string_view mode = text_at(service, "network_mode");
    if (mode.starts_with("service:") && !services_.contains(mode.substr(8))) {
      const std::string target(mode.substr(8));
      fail("compose.undefined-reference",
           "service " + quoted(target) + " not found for network_mode 'service:" + target + "'",
           service.find("network_mode")->span);
    }
  }

  void each_source(const doc::Node* list, const std::string& what, const NameTable& among) {
    const doc::Sequence* items = list == nullptr ? nullptr : list->as_sequence();
    for (std::size_t i = 0; items != nullptr && i < items->items.size(); ++i) {
      const doc::Node* source = items->items[i].find("source");
      const std::string name = source == nullptr ? std::string() : plain_text(*source);
      if (!among.contains(name)) {
        undefined(what, name, among, source == nullptr ? items->items[i].span : source->span);
      }
    }
  }

  void references(const doc::Node& service) {
    if (const doc::Sequence* volumes = sequence_at(service, "volumes")) {
      for (const doc::Node& volume : volumes->items) {
        const std::string_view source = text_at(volume, "source");
        if (text_at(volume, "type") == "volume" && !source.empty() && !volumes_.contains(source)) {
          undefined("volume", source, volumes_, volume.find("source")->span);
        }
      }
    }
    each_source(node_at(service, {"build", "secrets"}), "build secret", secrets_);
    each_source(service.find("configs"), "config", configs_);
    if (const doc::Mapping* models = mapping_at(service, "models")) {
      for (const doc::Entry& entry : models->entries) {
        if (!models_.contains(entry.key.value)) {
          undefined("model", entry.key.value, models_, entry.key.span);
        }
      }
    }
    each_source(service.find("secrets"), "secret", secrets_);
  }

  void scale(doc::Node& service) {
    const doc::Node* scale = service.find("scale");
    const bool scaled = scale != nullptr && scale->as_int() != nullptr;
    doc::Node* deploy = service.find("deploy");
    doc::Node* replicas = deploy == nullptr ? nullptr : deploy->find("replicas");
    if (scaled && deploy != nullptr && deploy->as_mapping() != nullptr) {
      if (replicas != nullptr && *replicas->as_int() != *scale->as_int()) {
        distinct("scale", "deploy.replicas", replicas->span);
      }
      replicas = &deploy->as_mapping()->set("replicas", *scale);
    }
    if (scaled && *scale->as_int() < 0) {
      fail("compose.out-of-range",
           "services." + name_->value + ".scale: must be greater than or equal to 0",
           scale->span);
    } else if (replicas != nullptr && *replicas->as_int() < 0) {
      fail("compose.out-of-range",
           "services." + name_->value + ".deploy.replicas: must be greater than or equal to 0",
           replicas->span);
    }
    const std::int64_t count = scaled                ? *scale->as_int()
                               : replicas != nullptr ? *replicas->as_int()
                                                     : 1;
    if (count > 1 && !text_at(service, "container_name").empty()) {
      fail("compose.conflicting-attributes",
           std::string("services.") + (scaled ? "scale" : "deploy.replicas") +
               ": can't set container_name and " + name_->value +
               " as container name must be unique" + std::string(kInvalid),
           service.find("container_name")->span);
    }
  }

  void distinct(const std::string& a, const std::string& b, const diag::Span& span) {
    fail("compose.conflicting-attributes",
         "services." + name_->value + ": can't set distinct values on '" + a + "' and '" + b + "'" +
             std::string(kInvalid),
         span);
  }

  static double amount(const doc::Node* node) {
    if (node == nullptr) {
      return 0;
    }
    if (const double* number = node->as_double()) {
      return *number;
    }
    if (const std::int64_t* number = node->as_int()) {
      return static_cast<double>(*number);
    }
    return read_float(plain_text(*node)).value_or(0);
  }

  void limits(const doc::Node& service) {
    struct Pairing {
      std::string_view attribute;
      std::string_view block;
      std::string_view member;
    };

    static constexpr Pairing kPairings[] = {{"cpus", "limits", "cpus"},
                                            {"mem_limit", "limits", "memory"},
                                            {"mem_reservation", "reservations", "memory"},
                                            {"pids_limit", "limits", "pids"}};
    for (const Pairing& pairing : kPairings) {
      const doc::Node* own = service.find(pairing.attribute);
      const doc::Node* block = node_at(service, {"deploy", "resources", pairing.block});
      if (own != nullptr && block != nullptr && amount(own) != 0 &&
          amount(own) != amount(block->find(pairing.member))) {
        distinct(
            std::string(pairing.attribute),
            "deploy.resources." + std::string(pairing.block) + "." + std::string(pairing.member),
            own->span);
      }
    }
  }

  void watch(const doc::Node& service) {
    const doc::Node* watch = node_at(service, {"develop", "watch"});
    const doc::Sequence* items = watch == nullptr ? nullptr : watch->as_sequence();
    for (std::size_t i = 0; items != nullptr && i < items->items.size(); ++i) {
      const std::string_view action = text_at(items->items[i], "action");
      if (text_at(items->items[i], "target").empty() && action != "rebuild" &&
          action != "restart") {
        fail("compose.missing-key",
             "services." + name_->value +
                 ".develop.watch: target is required for non-rebuild actions" +
                 std::string(kInvalid),
             items->items[i].span);
      }
    }
  }

  void mounts(const doc::Node& service) {
    std::unordered_map<std::string, std::string> taken;
    const auto take =
        [&](const std::string& target, const std::string& where, const diag::Span& span) {
          const std::string full = "services." + name_->value + "." + where;
          const auto [at, fresh] = taken.emplace(target, full);
          if (!fresh) {
            fail("compose.duplicate-mount",
                 full + ": target " + target + " already mounted as " + at->second,
                 span);
          }
        };
    if (const doc::Sequence* tmpfs = sequence_at(service, "tmpfs")) {
      for (std::size_t i = 0; i < tmpfs->items.size(); ++i) {
        const std::string text = plain_text(tmpfs->items[i]);
        take(text.substr(0, text.find(':')),
             "tmpfs[" + std::to_string(i) + "]",
             tmpfs->items[i].span);
      }
    }
    if (const doc::Sequence* volumes = sequence_at(service, "volumes")) {
      for (std::size_t i = 0; i < volumes->items.size(); ++i) {
        take(std::string(text_at(volumes->items[i], "target")),
             "volumes[" + std::to_string(i) + "]",
             volumes->items[i].span);
      }
    }
  }

  void secrets() {
    const doc::Mapping* secrets = mapping_at(project_, "secrets");
    for (std::size_t i = 0; secrets != nullptr && i < secrets->entries.size(); ++i) {
      const doc::Entry& entry = secrets->entries[i];
      if (entry.value.find("external") == nullptr && text_at(entry.value, "file").empty() &&
          text_at(entry.value, "environment").empty()) {
        problems_.error("compose.missing-key",
                        "secret " + quoted(entry.key.value) +
                            " must declare either `file` or `environment`" + std::string(kInvalid),
                        known(entry.key.span));
      }
    }
  }

  doc::Node& project_;
  Problems& problems_;
  NameTable services_;
  NameTable disabled_;
  NameTable networks_;
  NameTable volumes_;
  NameTable secrets_;
  NameTable configs_;
  NameTable models_;
  const diag::Located<std::string>* name_ = nullptr;
  int suggestions_left_ = 20;
};

}  // namespace

void check_consistency(doc::Node& project, const doc::Node& disabled, Problems& problems) {
  ConsistencyChecker(project, disabled, problems).run();
}

void check_container_names(const doc::Node& project, Problems& problems) {
  std::unordered_map<std::string_view, diag::Span> taken;
  for (const doc::Entry& entry : mapping_at(project, "services")->entries) {
    const std::string_view name = text_at(entry.value, "container_name");
    if (name.empty()) {
      continue;
    }
    const diag::Span span = entry.value.find("container_name")->span;
    const auto [at, fresh] = taken.emplace(name, span);
    if (!fresh) {
      problems.report({diag::Severity::error,
                       "compose.duplicate-container-name",
                       "services." + entry.key.value + ": container name " + quoted(name) +
                           " is already in use by service {}\"",
                       known(span),
                       {{at->second, "first used here"}},
                       {}});
    }
  }
  problems.stop_if_failed();
}

}  // namespace compose
