#include "compose/rules.hpp"

#include <algorithm>
#include <deque>

namespace compose {
namespace {

struct Row {
  std::string_view path;
  Rule rule;
};

constexpr Row cast_row(std::string_view path, Cast cast) {
  Row row{path, {}};
  row.rule.cast = cast;
  return row;
}

constexpr Row merge_row(std::string_view path,
                        Merge merge,
                        Unique unique = Unique::none,
                        Canonical canonical = Canonical::none) {
  Row row{path, {}};
  row.rule.merge = merge;
  row.rule.unique = unique;
  row.rule.canonical = canonical;
  return row;
}

constexpr Row unique_row(std::string_view path,
                         Unique unique,
                         Canonical canonical = Canonical::none) {
  return merge_row(path, Merge::none, unique, canonical);
}

constexpr Row canonical_row(std::string_view path,
                            Canonical canonical,
                            Resolve resolve = Resolve::none) {
  Row row{path, {}};
  row.rule.canonical = canonical;
  row.rule.resolve = resolve;
  return row;
}

constexpr Row default_row(std::string_view path,
                          Default value,
                          Check check = Check::none,
                          Canonical canonical = Canonical::none) {
  Row row{path, {}};
  row.rule.default_value = value;
  row.rule.check = check;
  row.rule.canonical = canonical;
  return row;
}

constexpr Row resolve_row(std::string_view path, Resolve resolve, Check check = Check::none) {
  Row row{path, {}};
  row.rule.resolve = resolve;
  row.rule.check = check;
  return row;
}

constexpr Row top_row(std::string_view path, Check check, Resolve resolve = Resolve::none) {
  Row row{path, {}};
  row.rule.canonical = Canonical::external;
  row.rule.check = check;
  row.rule.resolve = resolve;
  return row;
}

// One row for what a path needs beyond the ordinary; a path may have several rows, their columns
// add up. NOLINTBEGIN(readability-magic-numbers)
constexpr Row kRows[] = {
    canonical_row("services.*", Canonical::service),
    merge_row("services.*.annotations", Merge::sequence, Unique::key_value),
    merge_row("services.*.build", Merge::build, Unique::none, Canonical::build),
    default_row("services.*.build", Default::build_context),
    merge_row("services.*.build.additional_contexts",
              Merge::sequence,
              Unique::key_value,
              Canonical::key_value),
    resolve_row("services.*.build.additional_contexts.*", Resolve::context),
    merge_row("services.*.build.args", Merge::sequence, Unique::key_value),
    resolve_row("services.*.build.context", Resolve::context),
    merge_row("services.*.build.extra_hosts", Merge::extra_hosts),
    merge_row("services.*.build.labels", Merge::sequence, Unique::key_value),
    unique_row("services.*.build.platform", Unique::key_value),
    canonical_row("services.*.build.provenance", Canonical::text),
    canonical_row("services.*.build.sbom", Canonical::text),
    canonical_row("services.*.build.secrets.*", Canonical::file_reference),
    canonical_row("services.*.build.ssh", Canonical::ssh),
    resolve_row("services.*.build.ssh.*", Resolve::host),
    unique_row("services.*.build.tags", Unique::key_value),
    canonical_row("services.*.build.ulimits.*", Canonical::ulimit),
    unique_row("services.*.cap_add", Unique::key_value),
    unique_row("services.*.cap_drop", Unique::key_value),
    merge_row("services.*.command", Merge::replace),
    unique_row("services.*.configs", Unique::config),
    canonical_row("services.*.configs.*", Canonical::file_reference),
    cast_row("services.*.cpu_count", Cast::integer64),
    cast_row("services.*.cpu_percent", Cast::number),
    cast_row("services.*.cpu_period", Cast::integer64),
    cast_row("services.*.cpu_quota", Cast::integer64),
    cast_row("services.*.cpu_rt_period", Cast::integer64),
    cast_row("services.*.cpu_rt_runtime", Cast::integer64),
    cast_row("services.*.cpu_shares", Cast::integer64),
    cast_row("services.*.cpus", Cast::number32),
    merge_row("services.*.depends_on", Merge::depends_on, Unique::none, Canonical::depends_on),
    cast_row("services.*.depends_on.*.required", Cast::boolean),
    cast_row("services.*.depends_on.*.restart", Cast::boolean),
    merge_row("services.*.deploy.labels", Merge::sequence, Unique::key_value),
    cast_row("services.*.deploy.placement.max_replicas_per_node", Cast::integer),
    cast_row("services.*.deploy.replicas", Cast::integer),
    default_row("services.*.deploy.resources.reservations.devices.*",
                Default::device_request,
                Check::device_request),
    cast_row("services.*.deploy.restart_policy.max_attempts", Cast::integer),
    cast_row("services.*.deploy.rollback_config.max_failure_ratio", Cast::number),
    cast_row("services.*.deploy.rollback_config.parallelism", Cast::integer),
    cast_row("services.*.deploy.update_config.max_failure_ratio", Cast::number),
    cast_row("services.*.deploy.update_config.parallelism", Cast::integer),
    canonical_row("services.*.develop.watch.*.ignore", Canonical::list),
    canonical_row("services.*.develop.watch.*.include", Canonical::list),
    resolve_row("services.*.develop.watch.*.path", Resolve::watch, Check::watch_path),
    unique_row("services.*.devices", Unique::device),
    canonical_row("services.*.devices.*", Canonical::device),
    merge_row("services.*.dns", Merge::sequence, Unique::key_value, Canonical::list),
    merge_row("services.*.dns_opt", Merge::sequence, Unique::key_value),
    merge_row("services.*.dns_search", Merge::sequence, Unique::key_value),
    merge_row("services.*.entrypoint", Merge::replace),
    merge_row("services.*.env_file", Merge::sequence, Unique::env_file, Canonical::env_file),
    resolve_row("services.*.env_file.*.path", Resolve::plain),
    merge_row("services.*.environment", Merge::sequence, Unique::key_value),
    unique_row("services.*.expose", Unique::expose),
    canonical_row("services.*.extends", Canonical::extends),
    resolve_row("services.*.extends.file", Resolve::plain),
    merge_row("services.*.extra_hosts", Merge::extra_hosts),
    canonical_row("services.*.gpus", Canonical::gpus),
    default_row("services.*.gpus.*", Default::device_request, Check::device_request),
    cast_row("services.*.healthcheck.disable", Cast::boolean),
    cast_row("services.*.healthcheck.retries", Cast::integer),
    merge_row("services.*.healthcheck.test", Merge::replace),
    cast_row("services.*.init", Cast::boolean),
    merge_row("services.*.label_file", Merge::sequence, Unique::none, Canonical::list),
    resolve_row("services.*.label_file.*", Resolve::plain),
    merge_row("services.*.labels", Merge::sequence, Unique::key_value),
    unique_row("services.*.links", Unique::key_value),
    merge_row("services.*.logging", Merge::logging),
    merge_row("services.*.models", Merge::names, Unique::none, Canonical::names),
    merge_row("services.*.networks", Merge::names, Unique::none, Canonical::names),
    unique_row("services.*.networks.*.aliases", Unique::key_value),
    unique_row("services.*.networks.*.link_local_ips", Unique::key_value),
    cast_row("services.*.oom_kill_disable", Cast::boolean),
    cast_row("services.*.oom_score_adj", Cast::integer64),
    cast_row("services.*.pids_limit", Cast::integer64),
    unique_row("services.*.ports", Unique::port, Canonical::ports),
    default_row("services.*.ports.*", Default::port, Check::port),
    cast_row("services.*.ports.*.target", Cast::integer),
    cast_row("services.*.privileged", Cast::boolean),
    unique_row("services.*.profiles", Unique::key_value),
    cast_row("services.*.read_only", Cast::boolean),
    cast_row("services.*.scale", Cast::integer),
    unique_row("services.*.secrets", Unique::secret),
    default_row("services.*.secrets.*",
                Default::secret_target,
                Check::none,
                Canonical::file_reference),
    cast_row("services.*.stdin_open", Cast::boolean),
    merge_row("services.*.sysctls", Merge::sequence, Unique::key_value),
    merge_row("services.*.tmpfs", Merge::sequence, Unique::key_value),
    cast_row("services.*.tty", Cast::boolean),
    merge_row("services.*.ulimits.*", Merge::replace, Unique::none, Canonical::ulimit),
    cast_row("services.*.ulimits.*", Cast::integer),
    cast_row("services.*.ulimits.*.hard", Cast::integer),
    cast_row("services.*.ulimits.*.soft", Cast::integer),
    unique_row("services.*.volumes", Unique::volume),
    canonical_row("services.*.volumes.*", Canonical::volume, Resolve::mount),
    default_row("services.*.volumes.*.bind", Default::create_host_path),
    cast_row("services.*.volumes.*.read_only", Cast::boolean),
    cast_row("services.*.volumes.*.volume.nocopy", Cast::boolean),
    top_row("networks.*", Check::none),
    cast_row("networks.*.attachable", Cast::boolean),
    cast_row("networks.*.enable_ipv4", Cast::boolean),
    cast_row("networks.*.enable_ipv6", Cast::boolean),
    cast_row("networks.*.external", Cast::boolean),
    cast_row("networks.*.internal", Cast::boolean),
    merge_row("networks.*.ipam.config", Merge::ipam_config),
    unique_row("networks.*.ipam.options", Unique::key_value),
    merge_row("networks.*.labels", Merge::sequence, Unique::key_value),
    top_row("volumes.*", Check::volume, Resolve::driver_options),
    cast_row("volumes.*.external", Cast::boolean),
    merge_row("volumes.*.labels", Merge::sequence),
    top_row("secrets.*", Check::secret),
    cast_row("secrets.*.external", Cast::boolean),
    resolve_row("secrets.*.file", Resolve::host),
    top_row("configs.*", Check::config),
    cast_row("configs.*.external", Cast::boolean),
    resolve_row("configs.*.file", Resolve::host),
};

// NOLINTEND(readability-magic-numbers)

void add(Rule& to, const Rule& from) {
  const auto set = [](auto& column, auto value) {
    if (value != std::remove_reference_t<decltype(column)>::none) {
      column = value;
    }
  };
  set(to.cast, from.cast);
  set(to.merge, from.merge);
  set(to.unique, from.unique);
  set(to.canonical, from.canonical);
  set(to.default_value, from.default_value);
  set(to.check, from.check);
  set(to.resolve, from.resolve);
}

}  // namespace

class RuleTable {
 public:
  RuleTable() {
    places_.emplace_back();
    for (const Row& row : kRows) {
      Place& place = find(row);
      add(place.rule_, row.rule);
      add(place.all_below_, row.rule);
    }
  }

  [[nodiscard]] const Place* root() const { return &places_.front(); }

 private:
  Place& find(const Row& row) {
    std::string_view path = row.path;
    Place* place = &places_.front();
    while (!path.empty()) {
      add(place->all_below_, row.rule);
      const std::size_t dot = path.find('.');
      place = &child(*place, path.substr(0, dot));
      path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    }
    return *place;
  }

  Place& child(Place& parent, std::string_view name) {
    if (name == "*") {
      if (parent.any_ == nullptr) {
        parent.any_ = &places_.emplace_back();
      }
      return *parent.any_;
    }
    const auto at =
        std::lower_bound(parent.named_.begin(),
                         parent.named_.end(),
                         name,
                         [](const auto& entry, std::string_view n) { return entry.first < n; });
    if (at != parent.named_.end() && at->first == name) {
      return *at->second;
    }
    return *parent.named_.insert(at, {name, &places_.emplace_back()})->second;
  }

  std::deque<Place> places_;
};

const Place* document_place() {
  static const RuleTable table;
  return table.root();
}

const Place* below(const Place* place, std::string_view key) {
  if (place == nullptr) {
    return nullptr;
  }
  const auto at = std::lower_bound(
      place->named_.begin(), place->named_.end(), key, [](const auto& entry, std::string_view n) {
        return entry.first < n;
      });
  return at != place->named_.end() && at->first == key ? at->second : place->any_;
}

const Place* item_of(const Place* place) {
  return place == nullptr ? nullptr : place->any_;
}

const Rule& rule_at(const Place* place) {
  static constexpr Rule kNone{};
  return place == nullptr ? kNone : place->rule();
}

}  // namespace compose
