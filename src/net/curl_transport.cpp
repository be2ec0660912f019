#include "net/curl_transport.hpp"

#include <algorithm>
#include <array>
#include <mutex>
#include <string_view>
#include <utility>
#include <vector>

#include <dirent.h>
#include <dlfcn.h>

#include <curl/curl.h>

#include "util/strings.hpp"

namespace net {
namespace {

using Kind = TransportError::Kind;

constexpr std::size_t kMaxBody = std::size_t{256} << 20U;
constexpr std::size_t kMaxHeaders = std::size_t{1} << 20U;
constexpr std::chrono::milliseconds kConnectTimeout{10'000};
constexpr const char* kCertificateDirectory = "/etc/ssl/certs";

// The functions that are used, found at run time.
struct CurlLibrary {
  CURL* (*easy_init)() = nullptr;
  void (*easy_cleanup)(CURL*) = nullptr;
  void (*easy_reset)(CURL*) = nullptr;
  CURLcode (*easy_perform)(CURL*) = nullptr;
  CURLcode (*easy_setopt)(CURL*, CURLoption, ...) = nullptr;
  CURLcode (*easy_getinfo)(CURL*, CURLINFO, ...) = nullptr;
  const char* (*easy_strerror)(CURLcode) = nullptr;
  curl_slist* (*slist_append)(curl_slist*, const char*) = nullptr;
  void (*slist_free_all)(curl_slist*) = nullptr;
};

void* open_library() {
  for (const char* name : {"libcurl.so.4", "libcurl-gnutls.so.4"}) {
    if (void* library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL)) {
      return library;
    }
  }
  return nullptr;
}

template <class Function>
bool find_symbol(void* library, const char* name, Function& into) {
  into = reinterpret_cast<Function>(::dlsym(library, name));  // NOLINT: what dlsym is for
  return into != nullptr;
}

util::Result<CurlLibrary, std::string> load() {
  void* library = open_library();
  if (library == nullptr) {
    return util::unexpected(std::string(
        "HTTPS needs libcurl, which is not installed (Debian: apt-get install libcurl4)"));
  }
  CurlLibrary out;
  CURLcode (*global_init)(long) = nullptr;
  const bool complete = find_symbol(library, "curl_global_init", global_init) &&
                        find_symbol(library, "curl_easy_init", out.easy_init) &&
                        find_symbol(library, "curl_easy_cleanup", out.easy_cleanup) &&
                        find_symbol(library, "curl_easy_reset", out.easy_reset) &&
                        find_symbol(library, "curl_easy_perform", out.easy_perform) &&
                        find_symbol(library, "curl_easy_setopt", out.easy_setopt) &&
                        find_symbol(library, "curl_easy_getinfo", out.easy_getinfo) &&
                        find_symbol(library, "curl_easy_strerror", out.easy_strerror) &&
                        find_symbol(library, "curl_slist_append", out.slist_append) &&
                        find_symbol(library, "curl_slist_free_all", out.slist_free_all);
  if (!complete || global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return util::unexpected(
        std::string("HTTPS needs libcurl, and the one installed does not work"));
  }
  return out;
}

// Opened and initialised once for the process. The error says what to install.
const util::Result<CurlLibrary, std::string>& curl_library() {
  static const util::Result<CurlLibrary, std::string> library = load();
  return library;
}

// A directory of certificates under their hashes is read one by one as needed; parsing the bundle
// takes 40 ms.
bool has_hashed_certificates() {
  DIR* directory = ::opendir(kCertificateDirectory);
  if (directory == nullptr) {
    return false;
  }
  bool found = false;
  while (const dirent* entry = found ? nullptr : ::readdir(directory)) {
    found = std::string_view(entry->d_name).ends_with(".0");
  }
  ::closedir(directory);
  return found;
}

Kind kind_of(CURLcode code) {
  // NOLINTNEXTLINE: the codes not named here are all protocol errors
  switch (static_cast<int>(code)) {
    case CURLE_COULDNT_RESOLVE_HOST:
    case CURLE_COULDNT_RESOLVE_PROXY: return Kind::resolve;
    case CURLE_COULDNT_CONNECT:
    case CURLE_GOT_NOTHING:
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR: return Kind::connect;
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_CACERT_BADFILE:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_ENGINE_INITFAILED: return Kind::tls;
    case CURLE_OPERATION_TIMEDOUT: return Kind::timeout;
    case CURLE_ABORTED_BY_CALLBACK: return Kind::cancelled;
    default: return Kind::protocol;
  }
}

struct Exchange {
  HttpResponse response;
  std::size_t header_bytes = 0;
  std::stop_token stop;
};

std::size_t take_body(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  if (exchange.response.body.size() + size * count > kMaxBody) {
    return 0;
  }
  exchange.response.body.append(data, size * count);
  return size * count;
}

std::size_t take_header(char* data, std::size_t size, std::size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view line(data, size * count);
  exchange.header_bytes += line.size();
  if (exchange.header_bytes > kMaxHeaders) {
    return 0;
  }
  if (line.starts_with("HTTP/")) {  // also after "100 Continue"
    exchange.response.headers.clear();
  } else if (const std::size_t colon = line.find(':'); colon != std::string_view::npos) {
    exchange.response.headers.push_back({std::string(util::trim(line.substr(0, colon))),
                                         std::string(util::trim(line.substr(colon + 1)))});
  }
  return line.size();
}

int report_progress(void* user,
                    curl_off_t /*down*/,
                    curl_off_t /*have*/,
                    curl_off_t /*up*/,
                    curl_off_t /*sent*/) {
  return static_cast<Exchange*>(user)->stop.stop_requested() ? 1 : 0;
}

// A header list for one request; curl's own additions are switched off, since only signed headers
// may be sent.
class HeaderList {
 public:
  HeaderList(const CurlLibrary& curl, const HttpRequest& request) : curl_(curl) {
    for (const Header& header : request.headers) {
      // "Name;" is how curl wants a header without a value.
      add(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
    }
    for (const char* name : {"Expect", "Accept", "Content-Type"}) {
      if (!find_header(request.headers, name)) {
        add(std::string(name) + ":");
      }
    }
  }

  HeaderList(const HeaderList&) = delete;
  HeaderList& operator=(const HeaderList&) = delete;

  ~HeaderList() { curl_.slist_free_all(list_); }

  [[nodiscard]] curl_slist* get() const { return list_; }

 private:
  void add(const std::string& line) { list_ = curl_.slist_append(list_, line.c_str()); }

  const CurlLibrary& curl_;
  curl_slist* list_ = nullptr;
};

}  // namespace

// Easy handles keep their connections; a request takes one out and puts it back.
class CurlTransport::Pool {
 public:
  explicit Pool(CurlOptions options) : options_(std::move(options)) {}

  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  ~Pool() {
    for (CURL* handle : idle_) {
      curl_library()->easy_cleanup(handle);
    }
  }

  util::Result<HttpResponse, TransportError> send(const CurlLibrary& curl,
                                                  const HttpRequest& request) {
    CURL* handle = take(curl);
    if (handle == nullptr) {
      return util::unexpected(TransportError{Kind::protocol, "libcurl is out of memory"});
    }
    Exchange exchange;
    exchange.stop = options_.stop;
    std::array<char, CURL_ERROR_SIZE> detail{};
    const HeaderList headers(curl, request);
    prepare(curl, handle, request, exchange);
    curl.easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
    curl.easy_setopt(handle, CURLOPT_ERRORBUFFER, detail.data());
    const CURLcode code = curl.easy_perform(handle);
    long status = 0;
    curl.easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    curl.easy_reset(handle);
    put_back(handle);
    if (code != CURLE_OK) {
      const char* text = detail[0] != '\0' ? detail.data() : curl.easy_strerror(code);
      return util::unexpected(TransportError{kind_of(code), text});
    }
    exchange.response.status = static_cast<int>(status);
    return std::move(exchange.response);
  }

 private:
  CURL* take(const CurlLibrary& curl) {
    const std::lock_guard lock(mutex_);
    if (idle_.empty()) {
      return curl.easy_init();
    }
    CURL* handle = idle_.back();
    idle_.pop_back();
    return handle;
  }

  void put_back(CURL* handle) {
    const std::lock_guard lock(mutex_);
    idle_.push_back(handle);
  }

  void prepare(const CurlLibrary& curl,
               CURL* handle,
               const HttpRequest& request,
               Exchange& exchange) {
    const auto set = [&](CURLoption option, auto value) {
      curl.easy_setopt(handle, option, value);
    };
    set(CURLOPT_URL, request.url.c_str());
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_PROTOCOLS_STR, "http,https");
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_FOLLOWLOCATION, 0L);
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
    set(CURLOPT_TCP_KEEPALIVE, 1L);
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout.count()));
    set(CURLOPT_CONNECTTIMEOUT_MS,
        static_cast<long>(std::min(request.timeout, kConnectTimeout).count()));
    set(CURLOPT_WRITEFUNCTION, &take_body);
    set(CURLOPT_WRITEDATA, static_cast<void*>(&exchange));
    set(CURLOPT_HEADERFUNCTION, &take_header);
    set(CURLOPT_HEADERDATA, static_cast<void*>(&exchange));
    set(CURLOPT_NOPROGRESS, 0L);
    set(CURLOPT_XFERINFOFUNCTION, &report_progress);
    set(CURLOPT_XFERINFODATA, static_cast<void*>(&exchange));
    set_method(set, request);
    set_certificates(set);
  }

  template <class Set>
  static void set_method(const Set& set, const HttpRequest& request) {
    if (request.method == "GET") {
      set(CURLOPT_HTTPGET, 1L);
      return;
    }
    if (request.method == "HEAD") {
      set(CURLOPT_NOBODY, 1L);
      return;
    }
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
    set(CURLOPT_POSTFIELDS, request.body.data());
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }

  template <class Set>
  void set_certificates(const Set& set) {
    if (!options_.ca_file.empty()) {
      set(CURLOPT_CAINFO, options_.ca_file.c_str());
      set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
    } else if (hashed_certificates_) {
      set(CURLOPT_CAINFO, static_cast<const char*>(nullptr));
      set(CURLOPT_CAPATH, kCertificateDirectory);
    }
  }

  CurlOptions options_;
  const bool hashed_certificates_ = has_hashed_certificates();
  std::mutex mutex_;
  std::vector<CURL*> idle_;
};

CurlTransport::CurlTransport(CurlOptions options)
    : pool_(std::make_unique<Pool>(std::move(options))) {}

CurlTransport::~CurlTransport() = default;

util::Result<HttpResponse, TransportError> CurlTransport::send(const HttpRequest& request) {
  const auto& curl = curl_library();
  if (!curl) {
    // Not a connection problem: trying again would not help.
    return util::unexpected(TransportError{Kind::tls, curl.error()});
  }
  return pool_->send(*curl, request);
}

}  // namespace net
