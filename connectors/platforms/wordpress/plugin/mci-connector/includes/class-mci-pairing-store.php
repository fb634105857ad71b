<?php
/**
 * What the shop remembers of its pairing.
 *
 * @package MCI_Connector
 */

defined( 'ABSPATH' ) || exit;

/**
 * Options of this plugin: whom the shop is paired with, and how the talk goes.
 */
class MCI_Pairing_Store {

	const PAIRING = 'mci_connector_pairing'; // address, secret, webhook_address, shop, home, paired_at.
	const STATE   = 'mci_connector_state';   // stopped, last_event_at, skew, ended_by, ended_at.
	const WAITING = 'mci_connector_waiting'; // The code that was handed in, and until when its answer is waited for.
	const INSTALL = 'mci_connector_install';
	const ADDRESS = 'mci_connector_address'; // What was typed.
	const SCHEMA  = 'mci_connector_schema';

	/**
	 * Whether there is a secret.
	 *
	 * @return bool
	 */
	public function is_paired() {
		return '' !== $this->secret();
	}

	/**
	 * The shared secret, or "". A copy of the shop (for tests, say) has none: its orders are not the shop's.
	 *
	 * @return string
	 */
	public function secret() {
		return $this->is_copy() ? '' : (string) $this->pairing( 'secret', '' );
	}

	/**
	 * Whether this is not the site that was paired: its database was copied, or the shop moved.
	 *
	 * @return bool
	 */
	public function is_copy() {
		$paired = (string) $this->pairing( 'home' );
		return '' !== $paired && MCI_Address::bare( $paired ) !== MCI_Address::bare( self::home() );
	}

	/**
	 * The site's own address, as its settings say it: plugins for languages change what home_url() says.
	 *
	 * @return string
	 */
	public static function home() {
		return rtrim( (string) get_option( 'home' ), '/' );
	}

	/**
	 * One fact of the pairing: address, webhook_address, shop, paired_at.
	 *
	 * @param string $name     Which.
	 * @param mixed  $fallback What to give when there is none.
	 * @return mixed
	 */
	public function pairing( $name, $fallback = '' ) {
		$pairing = get_option( self::PAIRING );
		return is_array( $pairing ) && isset( $pairing[ $name ] ) ? $pairing[ $name ] : $fallback;
	}

	/**
	 * Remembers a pairing.
	 *
	 * @param string $address         The portal.
	 * @param string $secret          The shared secret.
	 * @param string $webhook_address Where events go.
	 * @param string $shop            What the portal calls this shop.
	 * @param int    $now             Now.
	 */
	public function pair( $address, $secret, $webhook_address, $shop, $now ) {
		update_option(
			self::PAIRING,
			array(
				'address'         => $address,
				'secret'          => $secret,
				'webhook_address' => $webhook_address,
				'shop'            => $shop,
				'home'            => self::home(),
				'paired_at'       => $now,
			)
		);
		update_option( self::STATE, array() );
	}

	/**
	 * Forgets it.
	 *
	 * @param string $by  Who ended it: `shop` or `mci`.
	 * @param int    $now Now.
	 */
	public function unpair( $by, $now ) {
		delete_option( self::PAIRING );
		update_option(
			self::STATE,
			array(
				'ended_by' => $by,
				'ended_at' => $now,
			)
		);
	}

	/**
	 * One fact of the talk: stopped, last_event_at, ended_by, ended_at.
	 *
	 * @param string $name     Which.
	 * @param mixed  $fallback What to give when there is none.
	 * @return mixed
	 */
	public function state( $name, $fallback = '' ) {
		$state = get_option( self::STATE );
		return is_array( $state ) && isset( $state[ $name ] ) ? $state[ $name ] : $fallback;
	}

	/**
	 * Notes facts of the talk.
	 *
	 * @param array<string,mixed> $facts Which.
	 */
	public function set_state( array $facts ) {
		$state = get_option( self::STATE );
		update_option( self::STATE, $facts + ( is_array( $state ) ? $state : array() ) );
	}

	/**
	 * Remembers the code that is being handed in, for the request beside it in which MCI asks for a proof.
	 *
	 * @param string $code  The one-time code; "": the answer has come.
	 * @param int    $until Seconds since 1970.
	 */
	public function wait_with( $code, $until = 0 ) {
		if ( '' === $code ) {
			delete_option( self::WAITING );
		} else {
			update_option( self::WAITING, array( $code, $until ), false );
		}
	}

	/**
	 * The code that is being handed in just now, or "".
	 *
	 * @param int $now Now.
	 * @return string
	 */
	public function waiting_code( $now ) {
		$waiting = get_option( self::WAITING );
		return is_array( $waiting ) && isset( $waiting[1] ) && $now < $waiting[1] ? (string) $waiting[0] : '';
	}

	/**
	 * UUID of this installation, made once.
	 *
	 * @return string
	 */
	public function install_id() {
		$id = get_option( self::INSTALL );
		if ( ! is_string( $id ) || '' === $id ) {
			$id = wp_generate_uuid4();
			update_option( self::INSTALL, $id, false );
		}
		return $id;
	}

	/**
	 * Where the portal is, and whether the person at the page may change it.
	 *
	 * @return array{0:string,1:bool}
	 */
	public function portal() {
		if ( defined( 'MCI_CONNECTOR_URL' ) ) {
			return array( MCI_Address::portal( (string) MCI_CONNECTOR_URL ), false );
		}
		$typed = (string) get_option( self::ADDRESS, '' );
		if ( '' === $typed && is_readable( MCI_CONNECTOR_DIR . 'portal.php' ) ) {
			$typed = (string) include MCI_CONNECTOR_DIR . 'portal.php'; // The zip that a portal gives knows its portal.
		}
		/**
		 * The address of the MCI portal, when it is not typed in the page.
		 *
		 * @param string $typed What was typed, or came with the zip.
		 */
		return array( MCI_Address::portal( (string) apply_filters( 'mci_connector_url', $typed ) ), true );
	}

	/**
	 * Remembers the address that was typed.
	 *
	 * @param string $address The portal.
	 */
	public function set_portal( $address ) {
		update_option( self::ADDRESS, $address, false );
	}
}
