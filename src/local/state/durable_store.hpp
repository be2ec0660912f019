#pragma once

#include <cstdint>

#include "local/store.hpp"

namespace local {

// What a commit must survive. `process`: kill -9 of the engine. `machine`: also a power cut; needed
// before a change is acknowledged to a client, and costs one fsync.
enum class Durability : std::uint8_t { process, machine };

// The store as the Engine sees it; modules see only Store. Writes gather in memory until `commit`.
class DurableStore : public Store {
 public:
  // False when the writes could not be made permanent (disk full, I/O error). They are kept and
  // tried again by the next commit, so that memory and disk meet again once there is room.
  virtual bool commit(Durability durability) = 0;
  // Grows with every put and remove; tells whether a call changed anything.
  [[nodiscard]] virtual std::uint64_t writes() const = 0;
};

}  // namespace local
