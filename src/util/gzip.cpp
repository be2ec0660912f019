#include "util/gzip.hpp"

#include <cstdlib>

#include <zlib.h>

namespace util {

std::string gzip(std::string_view bytes) {
  constexpr int kGzipWindow = 15 + 16;  // zlib: 16 more asks for gzip's header
  constexpr int kMemoryLevel = 8;       // zlib's default
  ::z_stream stream{};
  // NOLINTNEXTLINE(cppcoreguidelines-pro-type-cstyle-cast): zlib's macro
  if (deflateInit2(
          &stream, Z_BEST_COMPRESSION, Z_DEFLATED, kGzipWindow, kMemoryLevel, Z_DEFAULT_STRATEGY) !=
      Z_OK) {
    std::abort();
  }
  std::string out(deflateBound(&stream, static_cast<uLong>(bytes.size())), '\0');
  // zlib does not change what it reads.
  stream.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(bytes.data()));  // NOLINT
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());  // NOLINT
  stream.avail_out = static_cast<uInt>(out.size());
  const int result = ::deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  ::deflateEnd(&stream);
  if (result != Z_STREAM_END) {
    std::abort();
  }
  return out;
}

}  // namespace util
