#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

// What is irregular about each place of a Compose document, by typed path. Every phase walks the
// document and this table side by side, and acts where its own column says something.
namespace compose {

enum class Cast : std::uint8_t { none, integer, integer64, number, number32, boolean };

enum class Merge : std::uint8_t {
  none,         // mappings merge, sequences append, scalars are replaced
  replace,      // the later value wins, even null
  sequence,     // both become lists of k=v and are appended
  extra_hosts,  // the same, without items that are there already
  build,        // a string is {context}
  depends_on,   // a list is a mapping with the default condition
  names,        // a list is a mapping of nulls
  logging,      // options merge only for the same driver
  ipam_config,  // pools merge by subnet
};

// By what two entries of a list are the same, so that the later one replaces the earlier.
enum class Unique : std::uint8_t {
  none,
  key_value,
  volume,
  device,
  config,
  secret,
  expose,
  env_file,
  port
};

// The short form that becomes a long one.
enum class Canonical : std::uint8_t {
  none,
  service,
  build,
  key_value,
  ssh,
  text,
  depends_on,
  env_file,
  list,
  extends,
  names,
  ports,
  volume,
  device,
  file_reference,
  gpus,
  ulimit,
  external,
};

enum class Default : std::uint8_t {
  none,
  build_context,
  secret_target,
  port,
  device_request,
  create_host_path
};

enum class Check : std::uint8_t { none, volume, config, secret, port, watch_path, device_request };

enum class Resolve : std::uint8_t { none, plain, context, host, mount, watch, driver_options };

struct Rule {
  Cast cast = Cast::none;
  Merge merge = Merge::none;
  Unique unique = Unique::none;
  Canonical canonical = Canonical::none;
  Default default_value = Default::none;
  Check check = Check::none;
  Resolve resolve = Resolve::none;
};

// A place in the table. Walks carry a pointer to one, or null where the table has nothing to say
// any more.
class Place {
 public:
  [[nodiscard]] const Rule& rule() const { return rule_; }

  // What is said here or anywhere below: the "none" of each column means nothing.
  [[nodiscard]] const Rule& all_below() const { return all_below_; }

 private:
  friend class RuleTable;
  friend const Place* below(const Place* place, std::string_view key);
  friend const Place* item_of(const Place* place);

  Rule rule_;
  Rule all_below_;
  std::vector<std::pair<std::string_view, Place*>> named_;  // sorted
  Place* any_ = nullptr;  // `*`: every other key, and the items of a list
};

const Place* document_place();
// The place of `services` itself, `services.*`.
const Place* below(const Place* place, std::string_view key);
const Place* item_of(const Place* place);

// The rule at a place; the empty one for null.
const Rule& rule_at(const Place* place);

}  // namespace compose
