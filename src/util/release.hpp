#pragma once

namespace util {

// What std::unique_ptr calls for an object of a C library: std::unique_ptr<X509,
// Release<X509_free>>.
template <auto Free>
struct Release {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

}  // namespace util
