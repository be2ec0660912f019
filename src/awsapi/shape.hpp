#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace awsapi {

// The wire description of AWS's services, generated from src/awsapi/model/*.api. Client (aws/) and
// server (local/) read the same tables: names on the wire, required members, limits, patterns. All
// strings are literals.

enum class Kind : std::uint8_t {
  structure,
  list,
  map,
  string,
  integer,
  real,
  boolean,
  timestamp,
  blob
};
enum class Protocol : std::uint8_t { json, query, ec2, rest_xml, rest_json };

// Where a REST message carries a member; everything else is in the body.
enum class Place : std::uint8_t { body, path, query, header, header_prefix, payload };

struct Shape;

struct Type {
  Kind kind = Kind::string;
  const Shape& (*shape)() = nullptr;  // structures
  const Type* element = nullptr;      // lists: the item; maps: the value
};

struct Member {
  std::string_view name;  // as in the service model; the key in a doc::Node
  std::string_view
      wire;  // locationName: XML element of a response, ec2 request prefix (capitalised)
  std::string_view query;  // queryName: ec2 request prefix, when it differs; else empty
  std::string_view item;   // ec2: element name of list items; else empty (`member`)
  const Type* type = nullptr;
  bool required = false;
  std::int64_t min = -1;  // length of strings and lists, value of numbers; -1 = none
  std::int64_t max = -1;
  // Of the value; of each element when the member is a list or a map.
  std::string_view enums;         // "A|B|C"; empty = any
  std::string_view pattern;       // AWS's regular expression; empty = any
  std::int64_t element_min = -1;  // length of each element of a list or map of strings
  std::int64_t element_max = -1;
  bool sensitive = false;          // never shown in a message
  bool idempotency_token = false;  // a client that leaves it out sends a fresh UUID
  // REST protocols. `wire` is the name there; a payload member is the whole body.
  Place place = Place::body;
  bool flat = false;       // XML: a list without an element around its items
  bool http_date = false;  // a timestamp written as "Sun, 06 Nov 1994 08:49:37 GMT"
};

struct Shape {
  std::string_view name;
  std::span<const Member> members;

  [[nodiscard]] const Member* find(std::string_view member) const;
};

struct ErrorShape {
  std::string_view name;
  std::string_view code;  // on the wire (query protocols may use another name)
  int http_status = 400;
};

struct Service;

struct Operation {
  std::string_view name;
  const Service& (*service)() = nullptr;
  const Shape* input = nullptr;
  const Shape* output = nullptr;
  bool has_output = false;  // false: the answer has no result element at all
  std::string_view result_wrapper;
  std::string_view
      page_input;  // token members and result list of a paginated operation; else empty
  std::string_view page_output;
  std::string_view page_result;
  // REST protocols.
  std::string_view http_method{};  // "PUT"
  std::string_view http_path{};    // "/{Bucket}/{Key+}?tagging": {x+} takes slashes too
  int http_status = 200;           // of a successful answer
  std::string_view xml_root{};     // of an answer's body
  bool checksum = false;           // the service wants a digest of the body in a header
};

struct Service {
  std::string_view name;  // botocore's name: "ecs", "elbv2", ...
  Protocol protocol = Protocol::json;
  std::string_view version;
  std::string_view json_target;
  std::string_view endpoint_prefix;
  std::string_view signing_name;
  std::string_view xml_namespace;
  std::span<const Operation> operations;
  std::span<const ErrorShape> errors;

  [[nodiscard]] const Operation* find(std::string_view operation) const;
};

// Every service that has a model, in name order.
std::span<const Service* const> all_services();

}  // namespace awsapi
