#include "docker/log_frames.hpp"

#include <cstdint>
#include <utility>

namespace docker {
namespace {

constexpr std::size_t kFrameHeader = 8;

std::uint32_t frame_length(std::string_view header) {
  std::uint32_t length = 0;
  for (std::size_t i = 4; i < kFrameHeader; ++i) {
    length = (length << 8U) | static_cast<std::uint8_t>(header[i]);
  }
  return length;
}

}  // namespace

void LogDecoder::line(OutputStream stream,
                      std::string text,
                      const std::function<void(LogChunk)>& on_line) const {
  LogChunk chunk;
  chunk.stream = stream;
  if (timestamps_) {
    const std::size_t space = text.find(' ');
    if (space != std::string::npos) {
      chunk.timestamp = text.substr(0, space);
      text.erase(0, space + 1);
    }
  }
  chunk.text = std::move(text);
  on_line(std::move(chunk));
}

void LogDecoder::payload(OutputStream stream,
                         std::string_view bytes,
                         const std::function<void(LogChunk)>& on_line) {
  std::string& pending = lines_[stream == OutputStream::out ? 0 : 1];
  pending.append(bytes);
  std::size_t begin = 0;
  for (std::size_t end = pending.find('\n'); end != std::string::npos;
       end = pending.find('\n', begin)) {
    line(stream, pending.substr(begin, end + 1 - begin), on_line);
    begin = end + 1;
  }
  pending.erase(0, begin);
}

void LogDecoder::feed(std::string_view bytes, const std::function<void(LogChunk)>& on_line) {
  if (!framed_) {
    payload(OutputStream::out, bytes, on_line);
    return;
  }
  pending_.append(bytes);
  std::size_t at = 0;
  while (pending_.size() - at >= kFrameHeader) {
    const std::string_view rest = std::string_view(pending_).substr(at);
    const std::size_t length = frame_length(rest);
    if (rest.size() - kFrameHeader < length) {
      break;
    }
    payload(rest[0] == 2 ? OutputStream::err : OutputStream::out,
            rest.substr(kFrameHeader, length),
            on_line);
    at += kFrameHeader + length;
  }
  pending_.erase(0, at);
}

void LogDecoder::finish(const std::function<void(LogChunk)>& on_line) {
  for (const OutputStream stream : {OutputStream::out, OutputStream::err}) {
    std::string& rest = lines_[stream == OutputStream::out ? 0 : 1];
    if (!rest.empty()) {
      line(stream, std::exchange(rest, {}), on_line);
    }
  }
}

}  // namespace docker
