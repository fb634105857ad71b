<?php
/**
 * The addresses that this plugin talks to.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Where MCI may be. Knows nothing of WordPress.
 */
final class MCI_Address {

	/**
	 * The portal's address, without a slash at its end; "" for what is none. Customers' data goes there: only https,
	 * except to this very machine.
	 *
	 * @param string $typed What was typed or configured.
	 * @return string
	 */
	public static function portal( $typed ) {
		$typed = trim( $typed );
		if ( '' !== $typed && false === strpos( $typed, '://' ) ) {
			$typed = 'https://' . $typed;
		}
		$pattern = '~\A(https?)://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?(/[A-Za-z0-9._/-]*)?\z~i';
		if ( 1 !== preg_match( $pattern, $typed, $found ) ) {
			return '';
		}
		$scheme = strtolower( $found[1] );
		$host   = strtolower( $found[2] );
		if ( 'https' !== $scheme && ! self::is_this_machine( $host ) ) {
			return '';
		}
		$port = isset( $found[3] ) ? $found[3] : '';
		$path = isset( $found[4] ) ? rtrim( $found[4], '/' ) : '';
		return $scheme . '://' . $host . $port . $path;
	}

	/**
	 * Whether an address that MCI gave for events is on the portal's own host.
	 *
	 * @param string $address What MCI sent.
	 * @param string $portal  The portal's address.
	 * @return bool
	 */
	public static function is_of( $address, $portal ) {
		if ( '' === self::portal( $address ) ) {
			return false;
		}
		$theirs = self::host( $address );
		$ours   = self::host( $portal );
		return $theirs === $ours || ( self::is_this_machine( $theirs ) && self::is_this_machine( $ours ) );
	}

	/**
	 * An address without scheme, `www.` and final slash: what stays when a shop goes from http to https.
	 *
	 * @param string $address An address.
	 * @return string
	 */
	public static function bare( $address ) {
		return rtrim( (string) preg_replace( '~\A[a-z]+://(?:www\.)?~i', '', strtolower( $address ) ), '/' );
	}

	/**
	 * The host of an address, lower case, without `www.`.
	 *
	 * @param string $address An address.
	 * @return string
	 */
	private static function host( $address ) {
		$found = preg_match( '~\A[a-z]+://(\[[^\]]*\]|[^/:]*)~i', $address, $match ) ? strtolower( $match[1] ) : '';
		return 0 === strpos( $found, 'www.' ) ? substr( $found, 4 ) : $found;
	}

	/**
	 * Whether a host is this machine.
	 *
	 * @param string $host A host, lower case.
	 * @return bool
	 */
	private static function is_this_machine( $host ) {
		return 'localhost' === $host || '[::1]' === $host || 1 === preg_match( '/\A127(?:\.\d{1,3}){3}\z/', $host );
	}
}
