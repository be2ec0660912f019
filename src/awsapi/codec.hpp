#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace awsapi {

// An instant on the wire. In a doc::Node it is the integer of milliseconds since the epoch; the
// protocol codecs turn that into ISO 8601 (query, ec2) or seconds (json).
struct Timestamp {
  std::int64_t millis = 0;
  friend auto operator<=>(Timestamp, Timestamp) = default;
};

// Raw bytes; base64 only on the wire.
struct Blob {
  std::string bytes;
  friend bool operator==(const Blob&, const Blob&) = default;
};

// A client leaves out an empty list or map (absent and empty mean the same to AWS nearly
// everywhere); a server writes it, because clients index answers such as `failures` without
// looking.
enum class EmptyLists : std::uint8_t { omit, write };

}  // namespace awsapi
