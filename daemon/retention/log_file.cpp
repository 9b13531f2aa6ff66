#include "daemon/retention/log_file.hpp"

#include <span>

namespace fermata {
namespace {

Result<std::string, FileError> read_text(FileSystem& files, const std::string& path) {
    const auto file = files.open(path);
    if (!file && file.error().code == FileErrorCode::kNotFound) return std::string();
    if (!file) return Err{file.error()};
    const auto size = (*file)->size();
    if (!size) return Err{size.error()};
    std::string text(*size, '\0');
    const auto got = (*file)->read(0, std::as_writable_bytes(std::span(text)));
    if (!got) return Err{got.error()};
    text.resize(*got);
    return text;
}

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Result<std::vector<std::string>, FileError> read_lines(FileSystem& files, const std::string& path) {
    const auto text = read_text(files, path);
    if (!text) return Err{text.error()};
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text->size();) {
        const std::size_t end = std::min(text->find('\n', at), text->size());
        if (end > at) lines.push_back(text->substr(at, end - at));
        at = end + 1;
    }
    return lines;
}

Status<FileError> append_line(FileSystem& files, const std::string& path, std::string_view line) {
    auto text = read_text(files, path);
    if (!text) return Err{text.error()};
    if (!text->empty() && text->back() != '\n') *text += '\n';
    text->append(line).append("\n");
    // The whole file anew: it is short, and a rename leaves nothing half done.
    const std::string fresh = path + ".new";
    const auto leftover = files.remove(fresh);
    if (!leftover && leftover.error().code != FileErrorCode::kNotFound) return leftover;
    const auto file = files.create(fresh);
    if (!file) return Err{file.error()};
    if (auto done = (*file)->append(std::as_bytes(std::span(*text))); !done) return done;
    if (auto done = (*file)->sync(); !done) return done;
    if (auto done = (*file)->close(); !done) return done;
    if (auto done = files.rename(fresh, path); !done) return done;
    return files.sync_directory(directory_of(path));
}

}  // namespace fermata
