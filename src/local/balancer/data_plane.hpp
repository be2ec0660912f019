#pragma once

#include <chrono>
#include <compare>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "local/balancer/regex.hpp"
#include "util/result.hpp"

namespace local::balancer {

// What the ELBv2 module asks of the machinery that moves bytes, as data. Durations are real ones:
// the module has already applied the time scale.

// --- targets

enum class CheckProtocol : std::uint8_t { tcp, http, https };

struct HealthCheck {
  CheckProtocol protocol = CheckProtocol::tcp;
  std::uint16_t port = 0;     // 0: the target's own
  std::string path = "/";     // http, https
  std::string codes = "200";  // http, https: "200", "200,301", "200-399"
  std::chrono::milliseconds interval{750};
  std::chrono::milliseconds timeout{10'000};
  // A new target that has never answered stays `initial` this long. Starting a program takes the
  // time it takes, so this is not scaled.
  std::chrono::milliseconds patience{60'000};
  int healthy_threshold = 5;  // of a target that was unhealthy; a new one needs one success
  int unhealthy_threshold = 2;

  friend bool operator==(const HealthCheck&, const HealthCheck&) = default;
};

struct TargetAddress {
  std::string host;  // numeric
  std::uint16_t port = 0;

  friend auto operator<=>(const TargetAddress&, const TargetAddress&) = default;
};

struct TargetSpec {
  TargetAddress address;
  bool draining = false;  // no new connections; the open ones go on
};

// How a client finds its target again.
struct Stickiness {
  enum class Kind : std::uint8_t { none, source_ip, lb_cookie, app_cookie };
  Kind kind = Kind::none;
  std::chrono::seconds duration{86'400};
  std::string cookie;  // app_cookie: the application's own

  friend bool operator==(const Stickiness&, const Stickiness&) = default;
};

struct GroupSpec {
  std::string id;
  HealthCheck check;
  Stickiness sticky;
  bool tls = false;        // the targets speak TLS
  bool least_busy = true;  // else one after the other
  // A target that leaves this list has its connections closed.
  std::vector<TargetSpec> targets;
};

// --- what a listener does with what comes in

struct WeightedGroup {
  std::string group;
  int weight = 1;

  friend bool operator==(const WeightedGroup&, const WeightedGroup&) = default;
};

struct ForwardSpec {
  std::vector<WeightedGroup> groups;
  std::chrono::seconds group_stickiness{0};  // 0: none

  friend bool operator==(const ForwardSpec&, const ForwardSpec&) = default;
};

// Each part may hold #{protocol}, #{host}, #{port}, #{path} (without its first slash), #{query}.
struct RedirectSpec {
  std::string protocol = "#{protocol}";
  std::string host = "#{host}";
  std::string port = "#{port}";
  std::string path = "/#{path}";
  std::string query = "#{query}";
  int status = 301;

  friend bool operator==(const RedirectSpec&, const RedirectSpec&) = default;
};

struct FixedResponseSpec {
  int status = 503;
  std::string content_type;
  std::string body;

  friend bool operator==(const FixedResponseSpec&, const FixedResponseSpec&) = default;
};

using ActionSpec = std::variant<ForwardSpec, RedirectSpec, FixedResponseSpec>;

// True when one of `values` (which may hold the wildcards * and ?) or of `regexes` matches.
struct Condition {
  enum class Field : std::uint8_t { host, path, header, method, query, source_ip };
  Field field = Field::path;
  std::string header;                                      // header: its name
  std::vector<std::string> values;                         // all but query
  std::vector<std::pair<std::string, std::string>> pairs;  // query: key (empty: any), value
  std::vector<std::shared_ptr<const Regex>> regexes = {};  // host, path, header
};

// What a rule changes in a request before it goes to a target. Left as it is when the expression
// does not match.
struct Rewrite {
  enum class What : std::uint8_t { host, url };  // url: the path and the query
  What what = What::url;
  std::shared_ptr<const Regex> regex;
  std::string replacement;
};

struct RuleSpec {
  std::vector<Condition> conditions;  // all must hold; none: always
  ActionSpec action;
  std::vector<Rewrite> rewrites = {};
};

// A certificate and its key, as PEM.
struct KeyPair {
  std::string chain;
  std::string key;
};

enum class ListenerKind : std::uint8_t { tcp, udp, tcp_udp, tls, http, https };

enum class ForwardedFor : std::uint8_t { append, preserve, remove };

// Of an application load balancer.
struct HttpSettings {
  std::chrono::milliseconds idle_timeout{60'000};
  std::chrono::seconds client_keep_alive{3'600};
  ForwardedFor forwarded_for = ForwardedFor::append;
  bool client_port = false;  // in X-Forwarded-For
  bool preserve_host = false;
  bool drop_invalid_headers = false;
  bool server_header = true;  // on what the load balancer itself answers
  bool tls_headers = false;   // x-amzn-tls-version and -cipher-suite

  friend bool operator==(const HttpSettings&, const HttpSettings&) = default;
};

struct ListenerSpec {
  std::string id;
  ListenerKind kind = ListenerKind::tcp;
  std::uint16_t port = 0;  // as clients name it
  // In order; the first one that matches decides, the last one always does. TCP, UDP and TLS
  // listeners have one, which forwards.
  std::vector<RuleSpec> rules;
  // The first one is for clients that name no host, or one that no certificate has.
  std::vector<std::shared_ptr<const KeyPair>> certificates;
  bool tls13_only = false;
  std::chrono::milliseconds idle_timeout{350'000};  // tcp, tls
  HttpSettings http;
};

struct Desired {
  std::vector<ListenerSpec> listeners;
  std::vector<GroupSpec> groups;
};

// --- what the data plane says

enum class Health : std::uint8_t { initial, healthy, unhealthy };

struct HealthChange {
  std::string group;
  TargetAddress target;
  Health health = Health::initial;
  std::string reason;       // "Target.FailedHealthChecks"; empty when healthy
  std::string description;  // "Health checks failed"
};

struct DataPlaneEvents {
  // Both are called on a thread of the data plane; the engine posts them to its control loop.
  std::function<void(const HealthChange& change)> health_changed;
  // A draining target has no connection left. May be said more than once.
  std::function<void(const std::string& group, const TargetAddress& target)> drained;
};

struct BindError {
  enum class Kind : std::uint8_t { taken, forbidden, other };
  Kind kind = Kind::other;
  std::string detail;  // for people: what was tried and what to do
};

// All functions are called by the control thread; none blocks for longer than a system call.
class DataPlane {
 public:
  DataPlane() = default;
  DataPlane(const DataPlane&) = delete;
  DataPlane& operator=(const DataPlane&) = delete;
  virtual ~DataPlane() = default;

  // Listens on the first of `hosts` where `port` is free, and says which. Connections wait until a
  // route is applied.
  virtual util::Result<std::string, BindError> open_listener(const std::string& id,
                                                             ListenerKind kind,
                                                             const std::vector<std::string>& hosts,
                                                             std::uint16_t port) = 0;
  // The port is free when this returns; connections made through it are closed.
  virtual void close_listener(const std::string& id) = 0;
  // Replaces all routes and targets. Health of targets that stay is kept.
  virtual void apply(Desired desired) = 0;
};

}  // namespace local::balancer
