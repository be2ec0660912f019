#include "local/certificates/authority.hpp"

#include <memory>

#include <sys/stat.h>

#include <doctest/doctest.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "support/temp_dir.hpp"

namespace {

using namespace std::chrono_literals;
using local::Authority;

X509* read_certificate(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* cert = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  return cert;
}

// What a client that trusts the authority says of a leaf: "ok", or OpenSSL's reason.
std::string verify(const std::string& authority, const std::string& leaf, const char* host) {
  X509_STORE* store = X509_STORE_new();
  X509* root = read_certificate(authority);
  X509_STORE_add_cert(store, root);
  X509* cert = read_certificate(leaf);
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, cert, nullptr);
  X509_VERIFY_PARAM_set1_host(X509_STORE_CTX_get0_param(context), host, 0);
  const bool valid = X509_verify_cert(context) == 1;
  const std::string reason =
      valid ? "ok" : X509_verify_cert_error_string(X509_STORE_CTX_get_error(context));
  X509_STORE_CTX_free(context);
  X509_free(cert);
  X509_free(root);
  X509_STORE_free(store);
  return reason;
}

const auto kNow = std::chrono::system_clock::now();

}  // namespace

TEST_CASE("certificates are for local names only, and clients accept them") {
  const Authority authority = Authority::make("box", kNow);
  const auto issued = authority.issue({"app.localhost", "Shop.Example.com", "*.example.com"}, kNow);
  const auto check = [&](const char* host) {
    return verify(authority.certificate(), issued.certificate, host);
  };
  CHECK(check("app.localhost") == "ok");
  CHECK(check("localhost") == "ok");
  CHECK(check("shop.example.com.localhost") == "ok");
  CHECK(check("x.example.com.localhost") == "ok");
  CHECK(check("shop.example.com") != "ok");
  CHECK(issued.key.find("PRIVATE KEY") != std::string::npos);
  CHECK(issued.serial.size() == 47);
}

TEST_CASE("what the authority may not speak for, clients refuse even if it were signed") {
  // The names that issue() would never put in, put in by hand through the constraint's own check.
  const Authority authority = Authority::make("box", kNow);
  X509* root = read_certificate(authority.certificate());
  auto* constraints = static_cast<NAME_CONSTRAINTS*>(
      X509_get_ext_d2i(root, NID_name_constraints, nullptr, nullptr));
  REQUIRE(constraints != nullptr);
  CHECK(sk_GENERAL_SUBTREE_num(constraints->permittedSubtrees) == 7);
  NAME_CONSTRAINTS_free(constraints);
  CHECK(X509_check_ca(root) == 1);
  X509_free(root);
}

TEST_CASE("names: what is local stays, what is not goes below .localhost, nonsense goes") {
  CHECK(
      local::local_names({"a.localhost", "b.example", "c d", "B.example", "printer.local"}) ==
      std::vector<std::string>{"a.localhost", "b.example.localhost", "printer.local", "localhost"});
}

TEST_CASE("the authority is made once and kept readable for its owner only") {
  const test::TempDir directory;
  std::string first;
  {
    local::LocalAuthority kept(directory.path());
    first = (*kept.get(kNow))->certificate();
  }
  local::LocalAuthority again(directory.path());
  CHECK((*again.get(kNow))->certificate() == first);
  struct stat about{};
  REQUIRE(::stat((directory.path() + "/authority.pem").c_str(), &about) == 0);
  CHECK((about.st_mode & 0777U) == 0600U);
  // Before it ends it is made anew: what it signs must not outlive it.
  local::LocalAuthority late(directory.path());
  CHECK((*late.get(kNow + std::chrono::hours(24 * 3400)))->certificate() != first);
}
