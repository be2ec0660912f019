#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "docker/types.hpp"

namespace docker {

// Takes the bytes of a log answer apart into lines. Without a terminal the engine multiplexes
// stdout and stderr in frames of 8 header bytes [stream, 0, 0, 0, length as big-endian 32 bit] and
// payload; with one the bytes are raw. With `timestamps`, each line begins with an RFC 3339 time
// and a space.
class LogDecoder {
 public:
  LogDecoder(bool terminal, bool timestamps) : framed_(!terminal), timestamps_(timestamps) {}

  void feed(std::string_view bytes, const std::function<void(LogChunk)>& on_line);
  // What is left without a newline at the end of the stream.
  void finish(const std::function<void(LogChunk)>& on_line);

 private:
  void payload(OutputStream stream,
               std::string_view bytes,
               const std::function<void(LogChunk)>& on_line);
  void line(OutputStream stream,
            std::string text,
            const std::function<void(LogChunk)>& on_line) const;

  bool framed_;
  bool timestamps_;
  std::string pending_;   // of a frame that is not complete
  std::string lines_[2];  // of each stream: text after the last newline
};

}  // namespace docker
