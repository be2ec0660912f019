#include "local/certificates/authority.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <memory>
#include <utility>

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "util/hash.hpp"
#include "util/release.hpp"
#include "util/strings.hpp"

namespace local {

namespace {

using Key = std::unique_ptr<EVP_PKEY, util::Release<EVP_PKEY_free>>;
using Cert = std::unique_ptr<X509, util::Release<X509_free>>;
using MemoryBio = std::unique_ptr<BIO, util::Release<BIO_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, util::Release<X509_EXTENSION_free>>;

constexpr std::chrono::hours kAuthorityLife{24 * 3650};
constexpr std::chrono::hours kCertificateLife{24 * 397};  // what browsers accept at most
constexpr std::chrono::hours kBackdated{1};               // clocks of containers may be behind
constexpr std::array<std::string_view, 5> kLocalDomains{"localhost",
                                                        "local",
                                                        "test",
                                                        "internal",
                                                        "home.arpa"};

void must(bool succeeded) {
  if (!succeeded) {
    std::abort();  // out of memory, or no random numbers
  }
}

Key new_key() {
  Key key(EVP_EC_gen("P-256"));
  must(key != nullptr);
  return key;
}

std::string text_of(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(const Cert& cert) {
  const MemoryBio bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_X509(bio.get(), cert.get()) == 1);
  return text_of(bio.get());
}

std::string pem_of(const Key& key) {
  const MemoryBio bio(BIO_new(BIO_s_mem()));
  must(PEM_write_bio_PKCS8PrivateKey(bio.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) ==
       1);
  return text_of(bio.get());
}

MemoryBio reader_of(const std::string& text) {
  return MemoryBio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Key key_in(const std::string& text) {
  return Key(PEM_read_bio_PrivateKey(reader_of(text).get(), nullptr, nullptr, nullptr));
}

Cert certificate_in(const std::string& text) {
  return Cert(PEM_read_bio_X509(reader_of(text).get(), nullptr, nullptr, nullptr));
}

std::string random_serial() {
  std::string bytes(16, '\0');
  must(RAND_bytes(reinterpret_cast<unsigned char*>(bytes.data()), 16) == 1);
  bytes.front() = static_cast<char>(static_cast<unsigned char>(bytes.front()) & 0x7fU);
  bytes.front() = static_cast<char>(static_cast<unsigned char>(bytes.front()) | 0x40U);
  return bytes;
}

void set_common(X509* cert,
                EVP_PKEY* key,
                const std::string& serial,
                Authority::Time from,
                Authority::Time to) {
  X509_set_version(cert, X509_VERSION_3);
  BIGNUM* number = BN_bin2bn(reinterpret_cast<const unsigned char*>(serial.data()),
                             static_cast<int>(serial.size()),
                             nullptr);
  must(number != nullptr);
  BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert));
  BN_free(number);
  ASN1_TIME_set(X509_getm_notBefore(cert), std::chrono::system_clock::to_time_t(from));
  ASN1_TIME_set(X509_getm_notAfter(cert), std::chrono::system_clock::to_time_t(to));
  must(X509_set_pubkey(cert, key) == 1);
}

void set_name(X509_NAME* name, const char* part, const std::string& value) {
  must(X509_NAME_add_entry_by_txt(name,
                                  part,
                                  MBSTRING_UTF8,
                                  reinterpret_cast<const unsigned char*>(value.data()),
                                  static_cast<int>(value.size()),
                                  -1,
                                  0) == 1);
}

void add_extension(X509* cert, X509* issuer, int id, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, cert, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, id, value.c_str()));
  must(extension != nullptr && X509_add_ext(cert, extension.get(), -1) == 1);
}

bool is_local(std::string_view name) {
  return std::ranges::any_of(kLocalDomains, [&](std::string_view domain) {
    return name == domain || (name.size() > domain.size() && name.ends_with(domain) &&
                              name[name.size() - domain.size() - 1] == '.');
  });
}

bool is_host_name(std::string_view name) {
  const std::string_view rest = name.starts_with("*.") ? name.substr(2) : name;
  return !rest.empty() && rest.size() <= 240 && rest.front() != '.' && rest.back() != '.' &&
         rest.find("..") == std::string_view::npos && std::ranges::all_of(rest, [](char c) {
           return util::is_alnum(c) || c == '-' || c == '.';
         });
}

std::string alternative_names(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : local_names(names)) {
    all += "DNS:" + name + ",";
  }
  for (int i = 1; i <= 9; ++i) {
    all += "IP:127.0.0." + std::to_string(i) + ",";
  }
  return all + "IP:::1";
}

}  // namespace

std::vector<std::string> local_names(const std::vector<std::string>& names) {
  std::vector<std::string> out;
  const auto add = [&](std::string name) {
    if (std::ranges::find(out, name) == out.end()) {
      out.push_back(std::move(name));
    }
  };
  for (const std::string& asked : names) {
    const std::string name = util::to_lower(asked);
    if (is_host_name(name)) {
      add(is_local(name) ? name : name + ".localhost");
    }
  }
  add("localhost");
  return out;
}

Authority Authority::make(std::string_view machine, Time now) {
  const Key key = new_key();
  const Cert cert(X509_new());
  set_common(cert.get(), key.get(), random_serial(), now - kBackdated, now + kAuthorityLife);
  X509_NAME* name = X509_get_subject_name(cert.get());
  set_name(name, "O", "docker-ecs local engine");
  set_name(name, "CN", "docker-ecs local authority (" + std::string(machine.substr(0, 30)) + ")");
  X509_set_issuer_name(cert.get(), name);
  add_extension(cert.get(), cert.get(), NID_basic_constraints, "critical,CA:TRUE,pathlen:0");
  add_extension(cert.get(), cert.get(), NID_key_usage, "critical,keyCertSign,cRLSign");
  add_extension(cert.get(), cert.get(), NID_subject_key_identifier, "hash");
  std::string constraints = "critical";
  for (const std::string_view domain : kLocalDomains) {
    constraints += ",permitted;DNS:" + std::string(domain);
  }
  constraints += ",permitted;IP:127.0.0.0/255.0.0.0";
  constraints += ",permitted;IP:::1/ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";
  add_extension(cert.get(), cert.get(), NID_name_constraints, constraints);
  must(X509_sign(cert.get(), key.get(), EVP_sha256()) > 0);
  const std::string pem = pem_of(cert);
  return {pem_of(key) + pem, pem};
}

std::optional<Authority> Authority::from_pem(std::string text, Time now) {
  const Key key = key_in(text);
  const Cert cert = certificate_in(text);
  ERR_clear_error();
  if (!key || !cert || X509_check_private_key(cert.get(), key.get()) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  // It must outlive what it signs.
  std::time_t last = std::chrono::system_clock::to_time_t(now + kCertificateLife);
  if (X509_cmp_time(X509_get0_notAfter(cert.get()), &last) <= 0) {
    return std::nullopt;
  }
  return Authority(std::move(text), pem_of(cert));
}

IssuedCertificate Authority::issue(const std::vector<std::string>& names, Time now) const {
  const Key authority_key = key_in(both_);
  const Cert authority = certificate_in(certificate_);
  const Key key = new_key();
  const Cert cert(X509_new());
  const std::string serial = random_serial();
  IssuedCertificate issued;
  issued.not_before = now - kBackdated;
  issued.not_after = now + kCertificateLife;
  set_common(cert.get(), key.get(), serial, issued.not_before, issued.not_after);
  const std::string first = local_names(names).front();
  set_name(X509_get_subject_name(cert.get()), "CN", first.substr(0, 64));
  X509_set_issuer_name(cert.get(), X509_get_subject_name(authority.get()));
  X509* const of = authority.get();
  add_extension(cert.get(), of, NID_basic_constraints, "critical,CA:FALSE");
  add_extension(cert.get(), of, NID_key_usage, "critical,digitalSignature");
  add_extension(cert.get(), of, NID_ext_key_usage, "serverAuth");
  add_extension(cert.get(), of, NID_subject_alt_name, alternative_names(names));
  add_extension(cert.get(), of, NID_authority_key_identifier, "keyid:always");
  must(X509_sign(cert.get(), authority_key.get(), EVP_sha256()) > 0);
  issued.certificate = pem_of(cert);
  issued.key = pem_of(key);
  for (std::size_t i = 0; i < serial.size(); ++i) {
    issued.serial += (i == 0 ? "" : ":") + util::hex(serial.substr(i, 1));
  }
  return issued;
}

}  // namespace local
